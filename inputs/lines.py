"""JSON lines and text lines of files; a bad line is reported, and reading goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from inputs.errors import Bad, NotJson
from inputs.files import BOM, LONGEST, numbered, opened
from inputs.values import decode, not_utf8

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_TOO_LONG = f"longer than {LONGEST:,} bytes"


class Record(msgspec.Struct, frozen=True):
    """A line that is a JSON object."""

    line: int
    value: dict[str, Any]
    raw: bytes


class Text(msgspec.Struct, frozen=True):
    """A line that is text."""

    line: int
    text: str


def records(path: Path) -> Iterator[Record | Bad]:
    """The JSON objects of a file, in order; blank lines and a byte order mark are skipped.

    Raises:
        InputUnusable: the file cannot be read, or plainly holds something else.
    """
    with opened(path, "json lines") as file:
        for number, line in numbered(file):
            if line is None:
                yield Bad(number, _TOO_LONG)
            elif (found := record(number, line)) is not None:
                yield found


def of_lines(lines: Iterable[tuple[int, bytes]]) -> Iterator[Record | Bad]:
    """The JSON objects of lines that are numbered already."""
    for number, line in lines:
        if (found := record(number, line)) is not None:
            yield found


def record(number: int, line: bytes) -> Record | Bad | None:
    """Decode one line; None where it is blank."""
    raw = line.removeprefix(BOM) if number == 1 else line
    if not raw.strip():
        return None
    try:
        value = decode(raw)
    except NotJson as exc:
        return Bad(number, str(exc), raw)
    if not isinstance(value, dict):
        return Bad(number, f"a JSON {_NAMES[type(value).__name__]}, not an object", raw)
    return Record(number, value, raw)


def texts(path: Path) -> Iterator[Text | Bad]:
    """The lines of a text file, without blank ones.

    Raises:
        InputUnusable: the file cannot be read, or plainly holds something else.
    """
    with opened(path, "text lines") as file:
        for number, line in numbered(file):
            if line is None:
                yield Bad(number, _TOO_LONG)
            elif line.strip():
                try:
                    yield Text(number, line.decode("utf-8"))
                except UnicodeDecodeError:
                    yield Bad(number, not_utf8(line), line)


_NAMES = {
    "list": "array",
    "str": "text",
    "int": "number",
    "Decimal": "number",
    "bool": "truth value",
    "NoneType": "null",
}
