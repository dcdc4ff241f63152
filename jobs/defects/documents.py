"""Lines of manuals with their pages: PDF, DOCX, plain text."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from encoders.optional import require
from encoders.text import clean
from jobs.errors import JobError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KINDS = (".pdf", ".docx", ".txt", ".md")
EXTRA = "manuals"
_BULLETS = "•·‣▪◦●○■□*-–"


class DocumentUnreadable(JobError):
    """The document cannot be read."""


class Line(NamedTuple):
    """A line that is not blank: its page, counted from 1, and whether it is an item of a list."""

    text: str
    page: int
    bullet: bool


def lines(path: Path) -> list[Line]:
    """The lines of a document, in reading order.

    A text file has pages where form feeds stand in it; a DOCX those that its program last drew.

    Raises:
        DocumentUnreadable: another kind of file, damaged, locked by a password, or without text.
        EncoderNotInstalled: the parser is not installed.
    """
    match path.suffix.lower():
        case ".pdf":
            found = list(_pdf(path))
        case ".docx":
            found = list(_docx(path))
        case ".txt" | ".md":
            found = list(_text(path))
        case other:
            raise DocumentUnreadable(
                f"{path.name}: {other or 'no ending'} is not read", f"read are {', '.join(KINDS)}"
            )
    if not found:
        raise DocumentUnreadable(
            f"{path.name}: there is no text in it",
            "a scanned document must be read by OCR first",
        )
    return found


def _pdf(path: Path) -> Iterator[Line]:
    pypdf = require("pypdf", EXTRA)
    try:
        reader = pypdf.PdfReader(path)
        texts = [page.extract_text() for page in reader.pages]
    except (pypdf.errors.PyPdfError, OSError, ValueError, KeyError) as exc:
        raise DocumentUnreadable(f"{path.name}: {exc}") from exc
    for page, text in enumerate(texts, 1):
        yield from (_line(raw, page) for raw in text.splitlines() if raw.strip())


def _docx(path: Path) -> Iterator[Line]:
    docx = require("docx", EXTRA)
    try:
        document = docx.Document(str(path))
    except Exception as exc:  # zip, XML and the library's own, without a common class
        raise DocumentUnreadable(f"{path.name}: {exc}") from exc
    page = 1
    for paragraph in document.paragraphs:
        page += len(paragraph.rendered_page_breaks)
        properties = paragraph._p.pPr
        listed = properties is not None and properties.numPr is not None
        listed = listed or paragraph.style.name.startswith("List")
        for raw in paragraph.text.splitlines():
            if raw.strip():
                line = _line(raw, page)
                yield line._replace(bullet=line.bullet or listed)


def _text(path: Path) -> Iterator[Line]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (UnicodeDecodeError, OSError) as exc:
        raise DocumentUnreadable(f"{path.name}: {exc}", "save it as UTF-8") from exc
    for page, part in enumerate(text.split("\f"), 1):
        yield from (_line(raw, page) for raw in part.splitlines() if raw.strip())


def _line(raw: str, page: int) -> Line:
    text = " ".join(clean(raw).split())
    bullet = len(text) > 1 and text[0] in _BULLETS and (text[1] == " " or text[0] in "•▪●■")
    return Line(text[1:].strip() if bullet else text, page, bullet)
