"""Import of manuals: their sections become items of a collection."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import msgspec

from db.calls import steps
from db.calls.query import fetch
from db.defects import products
from db.defects.registration import MANUALS, MANUALS_NAME
from db.items.items import create_collection
from encoders.text.rendering import clean
from flows.manuals import find_product
from jobs.manuals import documents, headings, sections
from jobs.manuals.lines import DocumentUnreadable

if TYPE_CHECKING:
    from pathlib import Path

    from jobs.types import Conn


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of an imported manual.

    `without` are defects of the product without a section, `outside` lines in no section.
    """

    document: str
    sections: int
    written: int
    removed: int
    without: list[str]
    outside: list[str]
    furniture: list[str]


def ensure_collection(conn: Conn, name: str = MANUALS_NAME) -> None:
    """Create a collection of manuals if it is missing.

    Raises:
        BadRequest: it is there with other settings.
    """
    fetch(conn, create_collection(name=name, settings=MANUALS))


def import_manual(conn: Conn, path: Path, product: str, collection: str = MANUALS_NAME) -> Imported:
    """Import a manual of a product; the same document again replaces its sections.

    The defect types of the product must be there: headings are known by their names.

    Raises:
        UnknownName: no such product.
        DocumentUnreadable: the document cannot be read, or none of its headings names a defect.
    """
    about = steps.run(conn, find_product(product))
    document = documents.read(path, partial(headings.is_heading, about.defects))
    cut, outside = sections.cut(document.lines, about.defects)
    if not cut:
        names = ", ".join(one.defect for one in about.defects) or "none"
        raise DocumentUnreadable(
            f"{path.name}: no section on a defect of {product} (there are: {names})",
            "a section begins with a line that names a defect, then 발생 원인 or Causes, 조치 or Actions",
        )
    ensure_collection(conn, collection)
    name = clean(path.name)
    made = sections.items(name, product, cut)
    (done,) = fetch(
        conn,
        products.replace_manual(
            collection=collection, product=product, document=name, sections=made
        ),
    )
    covered = {section.defect for section in cut}
    return Imported(
        document=name,
        sections=len(cut),
        written=done.written,
        removed=done.removed,
        without=[one.defect for one in about.defects if one.defect not in covered],
        outside=[line.text for line in outside],
        furniture=document.furniture,
    )
