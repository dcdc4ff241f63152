"""Slices of tall and wide pictures: overlapping windows for a text detector, their finds put together.

A detector sees a picture at a fixed size. A product page of 780 x 17,826 pixels, made small enough to be
seen whole, has no legible letter left; cut into windows along its longer side it keeps its size.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from encoders.ocr import geometry
from encoders.ocr.base import Polygon

# Length of a window along the longer side: in pixels, and at least this many shorter sides.
_LENGTH, _SHORTER_SIDES = 1200, 1.25
# Overlap in shares of a window's length: a line of text lower than this lies whole in one window.
_OVERLAP = 1 / 6
# More windows than this would take minutes; they become longer, and are seen smaller.
_MOST = 64
# Pictures less than this many times longer than wide are looked at whole.
_ELONGATED = 2.5
# Two finds are one line if they share this much of the smaller one, within the overlap.
_SAME = 0.5
# Pixels by which two finds of one line differ anyhow.
_LOOSE = 2


class Slice(NamedTuple):
    """A part of a picture, in pixels."""

    left: int
    top: int
    right: int
    bottom: int


def windows(width: int, height: int) -> list[Slice]:
    """Windows over a picture from its beginning to its end, each overlapping the next.

    Returns:
        One window, the whole picture, unless it is elongated and longer than a window; at most 64.
    """
    longer, shorter = max(width, height), min(width, height)
    length = max(_LENGTH, round(_SHORTER_SIDES * shorter))
    if longer < _ELONGATED * shorter or longer <= length:
        return [Slice(0, 0, width, height)]
    # n windows of this length reach as far as 1 + (n - 1) (1 - overlap) of them.
    reach = 1 - _OVERLAP
    count = min(_MOST, 1 + int(np.ceil((longer / length - 1) / reach)))
    length = int(np.ceil(longer / (1 + (count - 1) * reach)))
    starts = np.linspace(0, longer - length, count).round().astype(int).tolist()
    if height >= width:
        return [Slice(0, start, width, start + length) for start in starts]
    return [Slice(start, 0, start + length, height) for start in starts]


def notes(width: int, height: int, parts: Sequence[Slice]) -> tuple[str, ...]:
    """Say for users that a picture is so long that even its windows had to be looked at small."""
    longest = max(max(part.right - part.left, part.bottom - part.top) for part in parts)
    usual = max(_LENGTH, round(_SHORTER_SIDES * min(width, height)))
    if len(parts) < _MOST or longest < 2 * usual:
        return ()
    return (
        f"The picture is {width} x {height} pixels: it was looked at in {len(parts)} slices, at"
        f" {usual / longest:.0%} of its size, so that small writing is missed. Cut it into several.",
    )


def joined(found: Sequence[tuple[Slice, Sequence[Polygon]]]) -> list[Polygon]:
    """Lines of the whole picture from those found in each of its windows, in their order.

    What was found in the overlap of two windows is one line if it is in the same place; a line that
    crosses a border is put together from its pieces, however many windows it crosses.

    Args:
        found: Windows in order, with polygons in pixels of the whole picture.
    """
    done: list[Polygon] = []
    before: list[Polygon] = []
    last: Slice | None = None
    for window, polygons in found:
        here = list(polygons)
        if last is not None:
            overlap = _shared_box(_box_of(last), _box_of(window))
            before = [one for one in before if not _taken_over(one, here, overlap)]
        done += before
        before, last = here, window
    return done + before


def _taken_over(earlier: Polygon, later: list[Polygon], overlap: Polygon) -> bool:
    """Whether a find is also the later window's; what is the same there becomes one with it."""
    part = _shared_box(_box(earlier), overlap)
    if _area(part) == 0:
        return False
    same = [one for one in later if _share(part, _shared_box(_box(one), overlap)) >= _SAME]
    if not same:
        return False
    later[:] = [one for one in later if not any(one is each for each in same)]
    later.append(functools.reduce(_together, same, earlier))
    return True


def _share(one: Polygon, other: Polygon) -> float:
    """Shared area of two upright boxes over that of the smaller."""
    smaller = min(_area(one), _area(other))
    return _area(_shared_box(one, other)) / smaller if smaller > 0 else 0.0


def _together(one: Polygon, other: Polygon) -> Polygon:
    """The find that holds the other, or the rectangle around both."""
    for larger, smaller in ((one, other), (other, one)):
        around, within = _box(larger), _box(smaller)
        if (around[0] <= within[0] + _LOOSE).all() and (around[1] >= within[1] - _LOOSE).all():
            return larger
    return geometry.around(np.concatenate([one, other]))


def _box_of(window: Slice) -> Polygon:
    return np.array([(window.left, window.top), (window.right, window.bottom)], np.float32)


def _box(polygon: Polygon) -> Polygon:
    """The upright box around a polygon, shape (2, 2): its first and its last corner."""
    return np.stack([polygon.min(axis=0), polygon.max(axis=0)])


def _shared_box(one: Polygon, other: Polygon) -> Polygon:
    return np.stack([np.maximum(one[0], other[0]), np.minimum(one[1], other[1])])


def _area(box: Polygon) -> float:
    return float(np.prod(np.maximum(box[1] - box[0], 0)))
