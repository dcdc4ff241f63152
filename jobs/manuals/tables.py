"""Tables whose first row says of what kind each column is."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from jobs.manuals.headings import kinds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jobs.manuals.lines import Line


class Row(NamedTuple):
    """What a row says, by kind, and its other cells: a defect, a number, a place."""

    said: list[tuple[str, Line]]
    others: list[Line]


class Table(NamedTuple):
    """The rows below the one that names kinds, and the lines above it."""

    before: list[Line]
    rows: list[Row]


def by_kind(lines: Sequence[Line]) -> Table | None:
    """A table by the kinds of its columns; None where no row names two.

    Args:
        lines: of one table, or of none.
    """
    rows = [list(row) for _, row in groupby(lines, key=lambda line: line.cell and line.cell.row)]
    for at, row in enumerate(rows):
        columns = {line.cell.column: kinds(line.text) for line in row if line.cell}
        named = {column: found for column, found in columns.items() if found}
        if len(named) > 1:
            before = [line for above in rows[:at] for line in above]
            return Table(before, [_row(below, named) for below in rows[at + 1 :]])
    return None


def _row(row: Sequence[Line], named: dict[int, tuple[str, ...]]) -> Row:
    said = [(kind, line) for line in row if line.cell for kind in named.get(line.cell.column, ())]
    return Row(said, [line for line in row if line.cell and line.cell.column not in named])
