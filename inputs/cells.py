"""Scanner of the cells of a CSV row, line by line."""

from __future__ import annotations

import re

_DIGIT = re.compile(r"\d+")
_KEPT_SHAPES = 1000
_INSIDE = re.compile(r'[^"]*(?:""[^"]*)*')


class Stray(Exception):
    """A quote at a place where it is not allowed."""


class Scan:
    """The state of a row whose lines are scanned one by one.

    Attributes:
        cells: those that are complete.
        quoted: whether one of them was quoted.
        ends_in_quote: whether one that was not ends in a quote all the same.
        length: letters of the cell that is open.
    """

    def __init__(self, delimiter: str) -> None:
        self._delimiter = delimiter
        self._open: list[str] | None = None
        self.cells: list[str] = []
        self.quoted = False
        self.ends_in_quote = False
        self.length = 0

    def feed(self, line: str) -> bool:
        """Scan a line without its line end; returns whether the row is complete.

        Raises:
            Stray: a quoted cell goes on behind its quote, or a quote stands behind blanks.
        """
        at = 0
        while at >= 0:
            if self._open is not None:
                if (behind := self._inside(line, at)) is None:
                    return False
                at = self._next(line, behind)
            elif line.startswith('"', at):
                self._open, self.quoted = [], True
                at += 1
            else:
                at = self._plain(line, at)
        return True

    def _inside(self, line: str, at: int) -> int | None:
        """Continue a quoted cell; returns the position behind its closing quote, None where it stays open."""
        found = _INSIDE.match(line, at)
        text = found[0] if found else ""
        cell = self._open if self._open is not None else []
        cell.append(text.replace('""', '"'))
        self.length += len(text)
        if at + len(text) == len(line):
            cell.append("\n")
            return None
        self.cells.append("".join(cell))
        self._open, self.length = None, 0
        return at + len(text) + 1

    def _next(self, line: str, at: int) -> int:
        if at == len(line):
            return -1
        if line[at] != self._delimiter:
            raise Stray(
                f"a quoted cell goes on behind its quote: {line[max(0, at - 10) : at + 10]}"
            )
        return at + 1

    def _plain(self, line: str, at: int) -> int:
        to = line.find(self._delimiter, at)
        cell = line[at:] if to < 0 else line[at:to]
        if cell.lstrip().startswith('"'):
            raise Stray(f"a quote behind blanks: {cell[:20]}")
        self.ends_in_quote |= cell.endswith('"')
        self.cells.append(cell)
        return -1 if to < 0 else to + 1


class RowShape:
    """The usual shape of a row, to distinguish rows from lines of text that contain commas.

    Args:
        columns: how many there are.
        delimiter: what parts them.
        key: the column of the keys.
    """

    def __init__(self, columns: int, delimiter: str, key: int) -> None:
        self._columns = columns
        self._delimiter = delimiter
        self._key = key
        self._rows = 0
        self._keys: set[str] = set()

    def learn(self, cells: list[str]) -> None:
        """Record the shape of a row's key."""
        self._rows += 1
        if self._key < len(cells) and len(self._keys) < _KEPT_SHAPES:
            self._keys.add(_shape(cells[self._key]))

    def fits(self, line: str, above: list[str]) -> bool:
        """Whether a line inside a quoted cell could be a row of its own.

        Args:
            line: the line.
            above: the cells of the row that would take it in.
        """
        cells = line.split(self._delimiter)
        if self._key < len(above) and "\n" in above[self._key]:
            return True  # no key has a line's end in it
        if len(cells) == self._columns:
            key = cells[self._key].strip()
            own = above[self._key].strip() if self._key < len(above) else ""
            if " " in key and " " not in own:
                return False
            # Where keys are all alike, only what is like them is one: `24V, 2 A` is no row among P-01, P-02.
            varied = self._rows < 3 or len(self._keys) * 3 > self._rows
            return _shape(key) in self._keys | {_shape(own)} or (
                varied and _DIGIT.search(key) is not None
            )
        # One that was cut short still begins as its neighbour does.
        begins = _DIGIT.sub(r"\\d+", re.escape(above[0])) + '"?' + re.escape(self._delimiter)
        return self._key == 0 and r"\d+" in begins and re.match(begins, line) is not None


def _shape(key: str) -> str:
    """The shape of a key, its kinds of characters in order: Pump-7 and Seal-12 have the same."""
    for kind, mark in (("[a-z]+", "a"), ("[A-Z]+", "A"), ("[가-힣]+", "가"), ("[0-9]+", "9")):
        key = re.sub(kind, mark, key)
    return key
