"""CSV tables: a bad row is reported, and never takes in the rows below it.

A cell is quoted from end to end or not at all; a quote inside one that is not (`12" pump`) is a letter.
A quoted cell may hold line ends. Where its quote is never closed well, or the lines it would take in look
like rows of their own, the row is named and reading goes on in the next line.
"""

from __future__ import annotations

import csv
import io
from collections import deque
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from inputs.cells import RowShape, Scan, Stray
from inputs.errors import Bad, InputUnusable
from inputs.files import LONGEST, numbered, opened
from inputs.values import not_utf8

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

# Beyond what anybody keeps of a cell: so far the end of a quoted one is looked for.
LONGEST_CELL = 4_000_000
_DELIMITERS = ",;\t|"
_QUOTE_HINT = 'a cell with a quote in it is written "like ""this"""'


class TableRow(msgspec.Struct, frozen=True):
    """A row as cells by column; `line` is its first line, from 1."""

    line: int
    cells: dict[str, str]


class _NumberedLine(NamedTuple):
    number: int
    text: str | None
    why: str = ""


def rows(path: Path, needs: Sequence[str]) -> Iterator[TableRow | Bad]:
    """The rows of a table; blank ones are skipped.

    Args:
        path: CSV; the header tells whether commas, semicolons, tabs or bars part the columns.
        needs: columns that must be there.

    Raises:
        InputUnusable: the file cannot be read, or its header does not do.
    """
    with opened(path, "table") as file:
        lines = _Lines(_decoded(number, line) for number, line in numbered(file))
        columns, delimiter = _header(path, lines, needs)
        yield from _Table(columns, delimiter, needs[0]).rows(lines)


def written(columns: Sequence[str], cells: Iterable[Sequence[object]]) -> str:
    """A table as text that `rows` reads, with a header of its columns."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(columns)
    table.writerows(cells)
    return text.getvalue()


def _decoded(number: int, line: bytes | None) -> _NumberedLine:
    if line is None:
        return _NumberedLine(number, None, f"longer than {LONGEST:,} bytes")
    try:
        return _NumberedLine(number, line.decode("utf-8"))
    except UnicodeDecodeError:
        return _NumberedLine(number, None, not_utf8(line))


class _Lines:
    """An iterator of lines that takes lines back."""

    def __init__(self, lines: Iterator[_NumberedLine]) -> None:
        self._rest = lines
        self._back: deque[_NumberedLine] = deque()

    def next(self) -> _NumberedLine | None:
        return self._back.popleft() if self._back else next(self._rest, None)

    def put_back(self, lines: Sequence[_NumberedLine]) -> None:
        self._back.extendleft(reversed(lines))


class _Table:
    """The reader of the rows below a header."""

    def __init__(self, columns: list[str], delimiter: str, key: str) -> None:
        self._columns = columns
        self._delimiter = delimiter
        self._shape = RowShape(len(columns), delimiter, columns.index(key))
        # Line of a row whose quote was not closed: what follows may belong to it.
        self._doubt: int | None = None

    def rows(self, lines: _Lines) -> Iterator[TableRow | Bad]:
        while (line := lines.next()) is not None:
            if line.text is None:
                yield Bad(line.number, line.why)
            elif line.text.strip():
                yield from self._from(line, lines)

    def _from(self, line: _NumberedLine, lines: _Lines) -> Iterator[TableRow | Bad]:
        """Read the row that begins in a line, or report it."""
        scan = Scan(self._delimiter)
        try:
            if scan.feed(line.text or ""):
                yield from self._row([line], scan)
                return
        except Stray as exc:
            if (line.text or "").count('"') % 2:
                self._doubt = line.number
            yield Bad(line.number, str(exc))
            return
        taken, closed = _closed(scan, lines)
        shapes = [self._shape.fits(one.text or "", scan.cells) for one in taken if closed]
        if not closed:
            self._doubt = line.number
            yield Bad(line.number, f"its quote is never closed; {_QUOTE_HINT}")
            lines.put_back(taken)
        elif not any(shapes):
            yield from self._row([line, *taken], scan)
        elif len(shapes) > 1 and all(shapes[:-1]):
            self._doubt = line.number
            yield Bad(line.number, f"its quote takes in lines that look like rows; {_QUOTE_HINT}")
            lines.put_back(taken)
        else:
            for one in (line, *taken):
                yield Bad(
                    one.number,
                    f"between quotes opened in line {line.number} and closed in line"
                    f" {taken[-1].number} are lines that look like rows; {_QUOTE_HINT}",
                )

    def _row(self, lines: Sequence[_NumberedLine], scan: Scan) -> Iterator[TableRow | Bad]:
        if reason := self._wrong(scan, over_lines=len(lines) > 1):
            for line in lines:
                yield Bad(line.number, reason)
            return
        if scan.quoted:
            self._doubt = None
        if any(scan.cells):
            self._shape.learn(scan.cells)
            cells = scan.cells + [""] * (len(self._columns) - len(scan.cells))
            named = zip(self._columns, cells, strict=False)
            yield TableRow(lines[0].number, {name: cell for name, cell in named if name})

    def _wrong(self, scan: Scan, *, over_lines: bool) -> str | None:
        """The reason why a row does not fit the table; None where it does."""
        n, wanted = len(scan.cells), len(self._columns)
        if any(scan.cells[wanted:]) or (over_lines and n > wanted):
            return f"{n} columns, the header has {wanted}"
        if any(c and not name for c, name in zip(scan.cells, self._columns, strict=False)):
            return "a cell under a column that has no name"
        if doubt := self._doubt:
            if scan.ends_in_quote:
                self._doubt = None
                return f"a quote ends a cell here that may have been opened in line {doubt}"
            if n < wanted:
                return f"{n} columns, the header has {wanted}; line {doubt} left a quote open"
        # Some programs leave out empty cells at the end, but then nothing was to be quoted.
        if n < wanted and scan.quoted:
            return f"{n} columns, the header has {wanted}"
        return None


def _closed(scan: Scan, lines: _Lines) -> tuple[list[_NumberedLine], bool]:
    """The lines inside an open quote, and whether it is closed properly in the last of them."""
    taken: list[_NumberedLine] = []
    while scan.length <= LONGEST_CELL and (line := lines.next()) is not None:
        taken.append(line)
        try:
            if line.text is None:
                break
            if scan.feed(line.text):
                return taken, True
        except Stray:
            break
    return taken, False


def _header(path: Path, lines: _Lines, needs: Sequence[str]) -> tuple[list[str], str]:
    line, delimiters = lines.next(), _DELIMITERS
    while line is not None and line.text is not None:
        if line.text.lower().startswith("sep=") and len(line.text) == len("sep=,"):
            delimiters = line.text[-1]  # Excel's own line above the header
        elif line.text.strip():
            break
        line = lines.next()
    if line is None:
        raise InputUnusable(f"{path} is empty", "its first line names the columns")
    if line.text is None:
        raise InputUnusable(f"{path}:{line.number}: the header is {line.why}", "save it as UTF-8")
    split = {one: _names(line.text, one) for one in delimiters}
    # Where the columns that are needed are found is no doubt; else what parts it into most.
    best = max(split, key=lambda one: (set(needs) <= set(split[one]), len(split[one])))
    names = split[best]
    _check(f"{path}:{line.number}", names, needs)
    return names, best


def _names(text: str, delimiter: str) -> list[str]:
    scan = Scan(delimiter)
    try:
        done = scan.feed(text)
    except Stray:
        done = False
    return [name.strip() for name in scan.cells] if done else []


def _check(where: str, names: list[str], needs: Sequence[str]) -> None:
    named = ", ".join(name or "(no name)" for name in names) or "none that can be read"
    if missing := [name for name in needs if name not in names]:
        near = [name for name in names if name.casefold().replace(" ", "_") == missing[0]]
        hint = f"write {missing[0]}, not {near[0]}" if near else "its first line names the columns"
        raise InputUnusable(f"{where}: the header lacks {', '.join(missing)}; it has {named}", hint)
    if twice := [name for name in dict.fromkeys(names) if name and names.count(name) > 1]:
        raise InputUnusable(
            f"{where}: the header has {twice[0]} twice", "give each column a name of its own"
        )
