"""Manuals: sections on a product and its defects, searched by words and meaning."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from db.defects import manuals, products
from db.errors import UnknownName
from db.search.rows import Leg
from flows.effects import Encode, ListSpaces
from flows.errors import LegUnavailable
from flows.search.legs import vector_leg

if TYPE_CHECKING:
    from db.defects.manual_rows import ManualHit
    from db.defects.rows import Product
    from flows.effects import Flow


class ManualAnswer(NamedTuple):
    """Sections of manuals, the best first; `degraded` says why spaces were left out."""

    sections: list[ManualHit]
    degraded: list[str]


def find_product(name: str) -> Flow[Product]:
    """Look up a product.

    Raises:
        UnknownName: there is none of that name; the hint names those there are.
    """
    there: list[Product] = yield products.products()
    for product in there:
        if product.product == name:
            return product
    known = ", ".join(product.product for product in there) or "none yet"
    raise UnknownName(f"unknown product: {name}", f"There are: {known}.")


def search_manual(
    product: str,
    defect: str | None = None,
    query: str | None = None,
    k: int = 5,
    kind: str | None = None,
    collection: str | None = None,
) -> Flow[ManualAnswer]:
    """Search the manuals of a product.

    Args:
        product: whose manuals.
        defect: only sections on this defect; None: on any.
        query: words that sections are ranked by.
        k: how many sections.
        kind: only sections of this kind, cause or action.
        collection: where the manuals are; None: where the product says.

    Raises:
        UnknownName: no such product, or it has no such defect; the hint names those there are.
    """
    if query is not None:
        about = yield from find_product(product)
        collection = collection or about.manuals
    return (yield from search_sections(product, defect, query, k, kind, collection))


def search_sections(
    product: str,
    defect: str | None,
    query: str | None,
    k: int,
    kind: str | None,
    collection: str | None,
) -> Flow[ManualAnswer]:
    """Search manuals in a collection as `search_manual` does; with a query it must be given."""
    degraded: list[str] = []
    legs = None
    if query is not None and collection is not None:
        legs = yield from _legs(collection, query, degraded)
    sections = yield manuals.manual(
        product=product,
        defect=defect,
        query=query,
        k=k,
        kind=kind,
        collection=collection,
        legs=legs,
    )
    return ManualAnswer(sections, degraded)


def _legs(collection: str, words: str, degraded: list[str]) -> Flow[list[Leg]]:
    legs = [Leg(kind="lexical")]
    for space in (yield ListSpaces(collection)):
        try:
            legs.append(vector_leg(space, (yield Encode(space, words, None))))
        except LegUnavailable as exc:
            degraded.append(f"manuals searched by words alone: {exc}")
    return legs
