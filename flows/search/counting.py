"""Facets and totals of a search: counted in the database, beside the ranking."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

import msgspec

from db.search import listing
from db.search.listing import Bucket, Statistics
from db.search.rows import Facet
from flows.effects import Flow
from flows.search.filters import filter_text
from flows.search.results import facets_json

if TYPE_CHECKING:
    from flows.search.request import SearchIn

# Matching items that facets read at most; some 5 µs each.
READ = 50_000
# A total that is wanted without a bound is exact up to this.
TOTAL = 10_000


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """Number of items that facets read; not `complete`: others match too, and are not counted."""

    items: int
    complete: bool


class TotalOut(msgspec.Struct, frozen=True, kw_only=True):
    """Number of items that match, or (not `exact`) at least so many.

    `of` says what matches: `words` are items with any word or number of the query that pass the filter;
    `filter` are all items that pass it, as there are no words. What is only near in meaning is not counted.
    """

    items: int
    exact: bool
    of: Literal["words", "filter"]


class Facets(NamedTuple):
    """Facets by kind and key."""

    terms: dict[str, list[Facet]]
    ranges: dict[str, list[Bucket]]
    histograms: dict[str, list[Bucket]]
    statistics: dict[str, Statistics]
    counted: Counted


def count_facets(collection: str, request: SearchIn) -> Flow[Facets | None]:
    """Count the facets of a request; None where it wants none."""
    if not request.facets:
        return None
    rows = yield listing.facet_set(
        collection=collection,
        query=request.query if request.facet_over == "matches" else None,
        facets=facets_json(request),
        filter=filter_text(request.filter),
        most_n=READ,
    )
    found = Facets({}, {}, {}, {}, Counted(items=rows[0].items, complete=rows[0].complete))
    for row in rows:
        match row.kind:
            case "terms":
                found.terms[row.field] = msgspec.convert(row.counts, list[Facet])
            case "ranges":
                found.ranges[row.field] = msgspec.convert(row.counts, list[Bucket])
            case "histogram":
                found.histograms[row.field] = msgspec.convert(row.counts, list[Bucket])
            case "statistics":
                found.statistics[row.field] = msgspec.convert(row.counts[0], Statistics)
    return found


def count_total(collection: str, request: SearchIn) -> Flow[TotalOut | None]:
    """Count the items that match a request, up to its bound; None where it wants no total."""
    if request.total is False:
        return None
    (total,) = yield listing.total(
        collection=collection,
        query=request.query,
        filter=filter_text(request.filter),
        bound=TOTAL if request.total is True else request.total,
    )
    of: Literal["words", "filter"] = "words" if request.query else "filter"
    return TotalOut(items=total.items, exact=total.exact, of=of)
