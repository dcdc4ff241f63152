"""Import of manuals: their sections become items of a collection, by versions."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from db.defects import manuals
from db.defects.registration import MANUALS, MANUALS_NAME
from db.items.items import create_collection
from encoders.text.rendering import clean
from flows.documents import document as documents
from flows.documents import headings, pdf, scans, sections
from flows.documents.lines import DocumentUnreadable
from flows.effects import Compute, ReadText
from flows.errors import LegUnavailable
from flows.manuals import find_product

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from db.defects.rows import Product
    from encoders.base import Picture
    from encoders.ocr.base import OcrTextLine
    from flows.documents.document import ManualDocument
    from flows.documents.pdf import PdfPage
    from flows.documents.sections import Section
    from flows.effects import Flow


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of an imported manual.

    `without` are defects of the product without a section, `outside` lines in no section, `scanned` pages
    that OCR read, counted from 1, `unread` places on them that no engine here could read.
    """

    manual_id: int
    document: str
    version: int
    sections: int
    written: int
    removed: int
    without: list[str]
    outside: list[str]
    furniture: list[str]
    scanned: list[int]
    unread: int


def ensure_collection(name: str = MANUALS_NAME) -> Flow[None]:
    """Create a collection of manuals if it is missing.

    Raises:
        BadRequest: it is there with other settings.
    """
    yield create_collection(name=name, settings=MANUALS)


def import_manual(
    path: Path,
    product: str,
    collection: str = MANUALS_NAME,
    name: str | None = None,
    most_scans: int | None = None,
) -> Flow[Imported]:
    """Import a manual of a product; the same document again is a new version, and the one before stays.

    The defect types of the product must be there: headings are known by their names.

    Args:
        path: the file.
        product: whose manual.
        collection: where its sections are put; it must exist (`ensure_collection`).
        name: of the document, where the file has another.
        most_scans: pages that OCR reads at most; None: all.

    Raises:
        UnknownName: no such product.
        DocumentUnreadable: the document cannot be read, has too many scanned pages, or none of its headings
            names a defect.
    """
    about = yield from find_product(product)
    document, scanned, unread = yield from _read(path, about, most_scans)
    cut, outside = _cut(path, about, document)
    name = clean(name or path.name)
    left_out = [line.text for line in outside]
    report = {"outside": left_out, "scanned": scanned, "unread": unread}
    (done,) = yield manuals.replace_manual(
        collection=collection,
        product=product,
        document=name,
        sections=sections.items(name, product, cut),
        report=report,
    )
    return Imported(
        manual_id=done.manual_id,
        document=name,
        version=done.version,
        sections=len(cut),
        written=done.written,
        removed=done.removed,
        without=_uncovered(about, cut),
        outside=left_out,
        furniture=document.furniture,
        scanned=scanned,
        unread=unread,
    )


def _cut(path: Path, about: Product, document: ManualDocument) -> sections.ManualSections:
    found = sections.cut(document.lines, about.defects)
    if not found.sections:
        names = ", ".join(one.defect for one in about.defects) or "none"
        raise DocumentUnreadable(
            f"{path.name}: no section on a defect of {about.product} (there are: {names})",
            "a section begins with a line that names a defect, then 발생 원인 or Causes, 조치 or Actions",
        )
    return found


def _uncovered(about: Product, cut: Sequence[Section]) -> list[str]:
    covered = {section.defect for section in cut}
    return [one.defect for one in about.defects if one.defect not in covered]


class _Read(NamedTuple):
    """A document, the pages of it that OCR read, and the places on them that it could not."""

    document: ManualDocument
    scanned: list[int]
    unread: int


def _read(path: Path, about: Product, most_scans: int | None) -> Flow[_Read]:
    is_heading = partial(headings.is_heading, about.defects)
    if path.suffix.lower() != ".pdf" or path.stat().st_size == 0:
        return _Read((yield Compute(documents.read, (path, is_heading))), [], 0)
    pages: list[PdfPage] = yield Compute(pdf.read_pages, (path,))
    blank = [at for at, page in enumerate(pages) if not page.rows]
    if most_scans is not None and len(blank) > most_scans:
        raise DocumentUnreadable(
            f"{path.name}: {len(blank)} pages are pictures, at most {most_scans} are read here",
            "seogo defects manuals import reads any number",
        )
    unread = 0
    for at in blank:
        lines, picture = yield from _scanned(path, at)
        unread += sum(not line.text for line in lines)
        pages[at] = scans.read_page(picture, lines)
    scanned = [at + 1 for at in blank if pages[at].rows]
    return _Read((yield Compute(documents.read, (path, is_heading, pages))), scanned, unread)


def _scanned(path: Path, at: int) -> Flow[tuple[Sequence[OcrTextLine], Picture]]:
    """The lines that OCR reads on a page, and its picture; none on an empty one."""
    picture: Picture = yield Compute(scans.draw_page, (path, at))
    if int(picture.min()) == int(picture.max()):
        return (), picture
    try:
        return (yield ReadText(picture)), picture
    except LegUnavailable as exc:
        reason = f"{path.name}: page {at + 1} is a picture, and cannot be read: {exc}"
        raise DocumentUnreadable(reason, "pip install 'seogo[local]' brings OCR") from exc
