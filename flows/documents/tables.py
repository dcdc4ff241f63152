"""Tables whose header row names the kind of each column."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from flows.documents.headings import kinds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flows.documents.lines import ManualLine


class KindRow(NamedTuple):
    """Cells of a row by kind, and its other cells."""

    said: list[tuple[str, ManualLine]]
    others: list[ManualLine]


class Table(NamedTuple):
    """The rows below the header row, and the lines above it."""

    before: list[ManualLine]
    rows: list[KindRow]


def by_kind(lines: Sequence[ManualLine]) -> Table | None:
    """Parse a table by the kinds of its columns; None where no row names two."""
    rows = [list(row) for _, row in groupby(lines, key=lambda line: line.cell and line.cell.row)]
    for at, row in enumerate(rows):
        columns = {line.cell.column: kinds(line.text) for line in row if line.cell}
        named = {column: found for column, found in columns.items() if found}
        if len(named) > 1:
            before = [line for above in rows[:at] for line in above]
            return Table(before, [_row(below, named) for below in rows[at + 1 :]])
    return None


def _row(row: Sequence[ManualLine], named: dict[int, tuple[str, ...]]) -> KindRow:
    said = [(kind, line) for line in row if line.cell for kind in named.get(line.cell.column, ())]
    return KindRow(said, [line for line in row if line.cell and line.cell.column not in named])
