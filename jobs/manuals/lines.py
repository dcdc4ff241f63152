"""What readers of documents give: lines in reading order, with their pages."""

from __future__ import annotations

from typing import NamedTuple

from encoders.text.rendering import clean
from jobs.errors import JobError

_BULLETS = "•·‣▪◦●○■□*-–"


class DocumentUnreadable(JobError):
    """The document cannot be read."""


class Cell(NamedTuple):
    """Where in a table something stands; the tables of a document, rows and columns count from 0."""

    table: int
    row: int
    column: int


class Line(NamedTuple):
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
    cell: Cell | None = None
    full: bool | None = None


def line(raw: str, page: int, cell: Cell | None = None) -> Line:
    """A line as it is drawn, its mark and needless space taken off."""
    text = " ".join(clean(raw).split())
    bullet = len(text) > 1 and text[0] in _BULLETS and (text[1] == " " or text[0] in "•▪●■")
    return Line(text[1:].strip() if bullet else text, page, bullet, cell)


def is_mark(text: str) -> bool:
    """Whether a text is the mark of an item of a list and nothing else."""
    return text in _BULLETS
