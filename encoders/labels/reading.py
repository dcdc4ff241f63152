"""Interpreted text of one picture, as rows for storage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from encoders.labels.identifiers import Identifier, find_identifiers
from encoders.labels.layout import arrange
from encoders.labels.pairs import Pair, find_pairs
from encoders.ocr.base import OcrTextLine, Polygon


class ReadLine(NamedTuple):
    """A row of the table of lines. `line_no` and `group_no` count from 1 in reading order."""

    line_no: int
    group_no: int
    box: Polygon
    text: str
    normalized: str
    confidence: float
    engine: str


class Reading(NamedTuple):
    """Lines in reading order; pairs and identifiers point at them by `line_no`."""

    lines: list[ReadLine]
    pairs: list[Pair]
    identifiers: list[Identifier]


def interpret(lines: Sequence[OcrTextLine]) -> Reading:
    """Interpret lines: reading order, pairs and identifiers.

    The order given does not matter. Lines without text (places nobody could read) stay, so that
    another engine can be asked later.

    Returns:
        Rows for storage; `label_line` and `lines` of a pair and `line` of an identifier are
        `line_no` values.
    """
    cells = arrange(lines)
    number = {cell.line: place for place, cell in enumerate(cells, start=1)}
    pairs = find_pairs(cells)
    identifiers = find_identifiers(cells, pairs)
    rows = []
    for cell in cells:
        line = lines[cell.line]
        place = (number[cell.line], cell.group)
        rows.append(
            ReadLine(*place, line.polygon, line.text, cell.text, line.confidence, line.engine)
        )
    return Reading(
        rows,
        [
            pair._replace(
                label_line=number[pair.label_line], lines=tuple(number[n] for n in pair.lines)
            )
            for pair in pairs
        ],
        [one._replace(line=number[one.line]) for one in identifiers],
    )


def part_numbers(lines: Sequence[OcrTextLine]) -> list[str]:
    """Part and serial numbers in the lines of a picture, the likeliest first, each once."""
    return list(dict.fromkeys(one.raw for one in interpret(lines).identifiers))
