"""Manuals into the collection of manuals: their sections are items, found like all others."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

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

    import psycopg


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a manual.

    Attributes:
        document: its name.
        sections: how many were found.
        written: how many are new or others than before.
        removed: how many of before are gone.
        without: defects of the product of which it says nothing.
        outside: its lines that are in no section.
        furniture: running heads, running feet and page numbers, which were left out.
    """

    document: str
    sections: int
    written: int
    removed: int
    without: list[str]
    outside: list[str]
    furniture: list[str]


def ensure_collection(conn: psycopg.Connection[Any], name: str = MANUALS_NAME) -> None:
    """Make a collection of manuals if it is not there.

    Raises:
        BadRequest: it is there with other settings.
    """
    fetch(conn, create_collection(name=name, settings=MANUALS))


def bring(
    conn: psycopg.Connection[Any], path: Path, product: str, collection: str = MANUALS_NAME
) -> Imported:
    """Read a manual of a product; the same document again replaces its sections.

    Args:
        conn: autocommit connection.
        path: PDF, DOCX or text.
        product: whose manual; its defect types must be there, headings are known by their names.
        collection: made if it is not there.

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
    told = {section.defect for section in cut}
    return Imported(
        document=name,
        sections=len(cut),
        written=done.written,
        removed=done.removed,
        without=[one.defect for one in about.defects if one.defect not in told],
        outside=[line.text for line in outside],
        furniture=document.furniture,
    )
