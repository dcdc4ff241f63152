"""Readers of manuals: lines with page numbers from PDF, DOCX and plain text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from flows.documents import furniture, pdf, word
from flows.documents.lines import DocumentUnreadable, ManualLine, TableCell, line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from flows.documents.furniture import IsHeading
    from flows.documents.pdf import PdfPage

KINDS = (".pdf", ".docx", ".txt", ".md")
_EMPHASIS = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")
_HASHES = re.compile(r"^\s*#{1,6}\s+|\s+#+\s*$")
_WORDS = re.compile(r"[^\W_]")


class ManualDocument(NamedTuple):
    """The lines of a document in reading order, and the running heads and feet left out."""

    lines: list[ManualLine]
    furniture: list[str]


def _no_heading(_texts: object, _at: int) -> bool:
    return False


def read(
    path: Path, is_heading: IsHeading = _no_heading, pages: Sequence[PdfPage] | None = None
) -> ManualDocument:
    """Read a document.

    A text file has pages where form feeds stand in it; a DOCX those that its program last drew.

    `is_heading` gets the lines of a page and the number of one: a heading is never taken for a running head.
    `pages` are those of a PDF that was read already.

    Raises:
        DocumentUnreadable: another kind of file, damaged, locked by a password, or without text.
        EncoderNotInstalled: the parser is not installed.
    """
    try:
        if path.stat().st_size == 0:
            raise DocumentUnreadable(f"{path.name}: the file is empty", "copy it here again")
        found = _by_kind(path, is_heading, pages)
    except OSError as exc:
        raise DocumentUnreadable(f"{path.name}: {exc.strerror or exc}") from exc
    if not found.lines:
        raise DocumentUnreadable(
            f"{path.name}: there is no text in it",
            "it is empty, or its pages are pictures without text",
        )
    return found


def _by_kind(path: Path, is_heading: IsHeading, pages: Sequence[PdfPage] | None) -> ManualDocument:
    match path.suffix.lower():
        case ".pdf":
            return ManualDocument(*pdf.lines(pages or pdf.read_pages(path), is_heading))
        case ".docx":
            return ManualDocument(list(word.lines(path)), [])
        case ".txt":
            return _text(path, is_heading)
        case ".md":
            return ManualDocument(list(_markdown(_decoded(path).splitlines())), [])
        case other:
            raise DocumentUnreadable(
                f"{path.name}: {other or 'no ending'} is not read", f"read are {', '.join(KINDS)}"
            )


def _decoded(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as exc:
        raise DocumentUnreadable(f"{path.name}: {exc}", "save it as UTF-8") from exc


def _text(path: Path, is_heading: IsHeading) -> ManualDocument:
    parts = _decoded(path).split("\f")
    pages = [[raw for raw in part.splitlines() if _WORDS.search(raw)] for part in parts]
    texts = [[raw.strip() for raw in page] for page in pages]
    kept, dropped = furniture.separate(texts, is_heading)
    return ManualDocument(
        [line(pages[at][row], at + 1) for at, rows in enumerate(kept) for row in rows], dropped
    )


def _markdown(raws: list[str]) -> Iterator[ManualLine]:
    """Lines of Markdown without its markup; tables by their cells."""
    table = row = -1
    for raw in raws:
        plain = _EMPHASIS.sub(r"\2", _HASHES.sub("", raw)).strip()
        if not plain.startswith("|"):
            row = -1
            if _WORDS.search(plain):
                yield line(plain, 1)
            continue
        table, row = (table + 1, 0) if row < 0 else (table, row + 1)
        for column, cell in enumerate(plain.strip("|").split("|")):
            if _WORDS.search(cell):
                yield line(cell, 1, TableCell(table, row, column))
