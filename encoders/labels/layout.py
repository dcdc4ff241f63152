"""Layout analysis: reading order and groups, from the positions of lines alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from encoders.labels.normalize import normalize
from encoders.ocr.base import OcrTextLine

# All in heights of a line.
_SAME_ROW = 0.5
_BLOCK_GAP = 1.2
_GUTTER = 1.0
_PROSE = 12.0
# In gaps between rows: what is this much wider than usual parts two blocks.
_UNUSUAL = 2.0


class Cell(NamedTuple):
    """A line in its place, with the page turned upright: x grows to the right, y downwards.

    `line` is its position among the lines given; `row` and `group` count from 1 in reading order.
    """

    line: int
    text: str
    confidence: float
    left: float
    right: float
    top: float
    bottom: float
    row: int = 0
    group: int = 0

    @property
    def height(self) -> float:
        """From top to bottom, in pixels."""
        return self.bottom - self.top

    @property
    def middle(self) -> float:
        """Half way between top and bottom."""
        return (self.top + self.bottom) / 2


def arrange(lines: Sequence[OcrTextLine]) -> list[Cell]:
    """Put lines into reading order.

    The order given does not matter, nor how the whole page is turned. Blocks apart from each other
    are groups; columns of prose are read one after the other, the columns of a table row by row.

    Returns:
        A cell per line, with normalized text.
    """
    cells: list[Cell] = []
    rows = 0
    for group, block in enumerate(_blocks(_upright(lines)), start=1):
        for row in _rows(block):
            rows += 1
            cells += [cell._replace(row=rows, group=group) for cell in row]
    return cells


def _upright(lines: Sequence[OcrTextLine]) -> list[Cell]:
    # In an order of their own first: sums of floats in another order differ in the last bit.
    order = sorted(range(len(lines)), key=lambda n: (*lines[n].polygon.ravel(), lines[n].text))
    angle = _page_angle([lines[n] for n in order])
    cos, sin = math.cos(angle), math.sin(angle)
    cells = []
    for index in order:
        line = lines[index]
        corners = line.polygon.astype(np.float64)
        x, y = corners[:, 0] * cos + corners[:, 1] * sin, corners[:, 1] * cos - corners[:, 0] * sin
        box = (float(x.min()), float(x.max()), float(y.min()), float(y.max()))
        cells.append(Cell(index, normalize(line.text), line.confidence, *box))
    return cells


def _page_angle(lines: Sequence[OcrTextLine]) -> float:
    """Direction of most of the writing, in radians; 0 is to the right, positive is clockwise.

    The median by length, around the mean direction: one line askew does not turn the page.
    """
    if not lines:
        return 0.0
    steps = np.array([(line.polygon[1] - line.polygon[0]).astype(float) for line in lines])
    mean = math.atan2(steps[:, 1].sum(), steps[:, 0].sum())
    angles = np.arctan2(steps[:, 1], steps[:, 0]) - mean
    angles = (angles + math.pi) % (2 * math.pi) - math.pi
    order = np.argsort(angles, kind="stable")
    weight = np.cumsum(np.hypot(steps[order, 0], steps[order, 1]))
    return mean + float(angles[order][np.searchsorted(weight, weight[-1] / 2)])


def _blocks(cells: list[Cell]) -> list[list[Cell]]:
    """Cut a page into blocks, in reading order: at gutters between columns, else at wide gaps."""
    if len(cells) < 2:
        return [cells] if cells else []
    for parts in (_columns(cells), _stack(cells)):
        if len(parts) > 1:
            return [block for part in parts for block in _blocks(part)]
    return [cells]


def _columns(cells: list[Cell]) -> list[list[Cell]]:
    """Left and right of a gutter that no line crosses, where both sides are prose."""
    height = _median([cell.height for cell in cells])
    by_left = sorted(cells, key=lambda cell: (cell.left, cell.top))
    reach = -math.inf
    for at, cell in enumerate(by_left):
        sides = (by_left[:at], by_left[at:])
        if cell.left - reach > _GUTTER * height and all(_is_prose(side) for side in sides):
            return list(sides)
        reach = max(reach, cell.right)
    return [cells]


def _is_prose(cells: list[Cell]) -> bool:
    """Some lines, most of them long: not the labels or the values of a table."""
    wide = [(cell.right - cell.left) / max(cell.height, 1.0) for cell in cells]
    return len(cells) > 2 and _median(wide) >= _PROSE


def _stack(cells: list[Cell]) -> list[list[Cell]]:
    """Above and below gaps that are wider than usual on this page."""
    rows = _rows(cells)
    bottoms = [max(cell.bottom for cell in row) for row in rows]
    gaps = [min(c.top for c in row) - end for row, end in zip(rows[1:], bottoms, strict=False)]
    if not gaps:
        return [cells]
    height = _median([cell.height for cell in cells])
    limit = max(_BLOCK_GAP * height, _UNUSUAL * _median(gaps))
    parts = [list(rows[0])]
    for row, gap in zip(rows[1:], gaps, strict=True):
        if gap > limit:
            parts.append([])
        parts[-1] += row
    return parts


def _rows(cells: list[Cell]) -> list[list[Cell]]:
    """Lines side by side, from left to right; rows from top to bottom."""
    rows: list[list[Cell]] = []
    for cell in sorted(cells, key=lambda c: (c.middle, c.left, c.text)):
        fitting = [row for row in rows if _continues(row, cell)]
        if fitting:
            max(fitting, key=lambda row: row[-1].middle).append(cell)
        else:
            rows.append([cell])
    rows = [sorted(row, key=lambda c: (c.left, c.middle, c.text)) for row in rows]
    return sorted(rows, key=lambda row: (sum(c.middle for c in row) / len(row), row[0].left))


def _continues(row: list[Cell], cell: Cell) -> bool:
    """Whether a line stands beside its nearest neighbour in a row, and over none of the row."""
    nearest = min(row, key=lambda c: max(c.left - cell.right, cell.left - c.right))
    apart = max(nearest.left - cell.right, cell.left - nearest.right)
    smaller = min(nearest.height, cell.height)
    return apart > -smaller and abs(nearest.middle - cell.middle) < _SAME_ROW * smaller


def _median(values: Sequence[float]) -> float:
    return float(np.median(values)) if values else 0.0
