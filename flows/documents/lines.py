"""Lines of documents in reading order, with their pages."""

from __future__ import annotations

from typing import NamedTuple

from encoders.text.rendering import clean
from flows.errors import FlowError

_BULLETS = "•·‣▪◦●○■□*-–"


class DocumentUnreadable(FlowError):
    """The document is unreadable."""


class TableCell(NamedTuple):
    """A cell's place: table of the document, row and column, counted from 0."""

    table: int
    row: int
    column: int


class ManualLine(NamedTuple):
    """A line that is not blank.

    Attributes:
        text: without the mark of a list.
        page: counted from 1.
        bullet: whether it is an item of a list.
        cell: where it stands, if in a table.
        full: True where the next word would have found no room in it, so that it may go on in the next line;
            False where it cannot; None where that is not known.
    """

    text: str
    page: int
    bullet: bool = False
    cell: TableCell | None = None
    full: bool | None = None


def line(raw: str, page: int, cell: TableCell | None = None) -> ManualLine:
    """Build a line from raw text, without its bullet and needless space."""
    text = " ".join(clean(raw).split())
    bullet = len(text) > 1 and text[0] in _BULLETS and (text[1] == " " or text[0] in "•▪●■")
    return ManualLine(text[1:].strip() if bullet else text, page, bullet, cell)


def is_mark(text: str) -> bool:
    """Whether a text is nothing but a bullet."""
    return text in _BULLETS
