"""Which metadata keys of a collection are worth counting by."""

from __future__ import annotations

import msgspec

from db.calls.query import Query


class FacetKey(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `search.facet_keys`: how many of the items looked at have it, with how many values."""

    field: str
    items: int
    kinds: int


def facet_keys(*, collection: str, top_n: int = 4) -> Query[FacetKey]:
    """`search.facet_keys`."""
    return Query(
        "SELECT * FROM search.facet_keys(%(collection)s, %(top_n)s)",
        {"collection": collection, "top_n": top_n},
        FacetKey,
        reads=True,
    )
