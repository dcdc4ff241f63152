"""Pages of lists: sorted by metadata keys, or cut from a ranking that is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from db.search import listing, results
from flows.effects import Flow, KeepRanking, ReadRanking
from flows.errors import CursorExpired
from flows.search.cursor import (
    RankedPlace,
    SortedPlace,
    decode,
    digest,
    encode,
    other_question,
)
from flows.search.filters import filter_text
from flows.search.results import FIRST

if TYPE_CHECKING:
    from collections.abc import Sequence

    from db.search.results import Found
    from db.search.rows import HybridHit
    from flows.search.request import SearchIn

# Hits of a ranking that are kept for its pages (sql/44_results/ops.keep_ranking.sql).
KEPT = 1000
_ITEM = ("external_id", "fields", "metadata")
ENDS = f"the list ends here: of a ranking {KEPT:,} hits are kept; narrow the search, or sort it by a key"
LONG = "the list cannot be read on: the values that it is sorted by are too long for a cursor"


class HitPage(NamedTuple):
    """A page of a list.

    `cursor` reads on, None at the end; `gone` are items of the page that were deleted meanwhile, or no
    longer pass the filter; `notes` say what could not be done.
    """

    hits: list[Found]
    more: bool
    cursor: str | None
    gone: list[int]
    notes: list[str]


def sorted_page(collection: str, request: SearchIn) -> Flow[HitPage]:
    """List what the words and the filter match, by metadata keys.

    Raises:
        UnknownName: no such collection.
        BadRequest: a key or the cursor cannot be used, or there is too much to sort.
    """
    question = digest(collection, request)
    place = _sorted_place(request, question)
    rows = yield listing.sort_items(
        collection=collection,
        sort=request.sort,
        query=request.query,
        filter=filter_text(request.filter),
        k=request.k + 1,
        skip=request.skip,
        after=place and place.after,
    )
    before = place.rank if place else 0
    ranked = [
        {"item_id": row.item_id, "rank": before + row.rank, "score": 0.0, "legs": {}}
        for row in rows[: request.k]
    ]
    hits, gone = yield from _shown(collection, request, ranked)
    if len(rows) <= request.k:
        return HitPage(hits, False, None, gone, [])
    last = rows[request.k - 1]
    cursor = encode(
        SortedPlace(
            question=question, keys=last.keys, item_id=last.item_id, rank=before + last.rank
        )
    )
    return HitPage(hits, True, cursor, gone, [] if cursor else [LONG])


def _sorted_place(request: SearchIn, question: str) -> SortedPlace | None:
    if request.cursor in (None, FIRST):
        return None
    place = decode(request.cursor or "")
    if not isinstance(place, SortedPlace) or place.question != question:
        raise other_question()
    return place


def keep(
    collection: str, request: SearchIn, file: bytes | None, hits: Sequence[HybridHit]
) -> Flow[HitPage]:
    """Keep a ranking, and show its first page.

    Args:
        collection: where it was found.
        request: the request.
        file: the file of a picture that was sent beside it.
        hits: the ranking, the best first, at most `KEPT`.
    """
    ranked = [_without_item(hit) for hit in hits]
    ranking = None
    if len(ranked) > request.k:
        ranking = yield KeepRanking(collection, digest(collection, request, file), ranked)
    return (yield from _cut(collection, request, ranking, ranked[: request.k], 0, len(ranked)))


def kept_page(collection: str, request: SearchIn, file: bytes | None) -> Flow[HitPage]:
    """Show the next page of a kept ranking.

    Raises:
        CursorExpired: the ranking is not kept any more, or is another key's.
        BadRequest: the cursor is none, or belongs to another search.
    """
    place = decode(request.cursor or "")
    if not isinstance(place, RankedPlace):
        raise other_question()
    found = yield ReadRanking(collection, place.ranking, place.seen, request.k)
    if found is None:
        raise CursorExpired(
            "the ranking of this cursor is not kept any more",
            'Begin again with `cursor`: "*". It is kept for 15 minutes after it was last read.',
        )
    if found.question != digest(collection, request, file):
        raise other_question()
    return (
        yield from _cut(collection, request, place.ranking, found.hits, place.seen, found.items)
    )


def _cut(
    collection: str,
    request: SearchIn,
    ranking: str | None,
    ranked: list[dict[str, Any]],
    seen: int,
    items: int,
) -> Flow[HitPage]:
    """A page of a kept ranking, of which so many hits were seen before."""
    hits, gone = yield from _shown(collection, request, ranked)
    seen += len(ranked)
    more = ranking is not None and seen < items
    cursor = encode(RankedPlace(ranking=ranking or "", seen=seen)) if more else None
    return HitPage(hits, more, cursor, gone, [ENDS] if not more and items >= KEPT else [])


def _shown(
    collection: str, request: SearchIn, ranked: list[dict[str, Any]]
) -> Flow[tuple[list[Found], list[int]]]:
    """Hits with their items, and the ids of those that are gone."""
    if not ranked:
        return [], []
    placed = listing.placed_items(
        collection=collection, hits=ranked, filter=filter_text(request.filter)
    )
    hits = yield results.hits(placed, marked=request.query if request.highlight else None)
    there = {hit.item_id for hit in hits}
    return hits, [one["item_id"] for one in ranked if one["item_id"] not in there]


def _without_item(hit: HybridHit) -> dict[str, Any]:
    row: dict[str, Any] = msgspec.to_builtins(hit)
    return {name: value for name, value in row.items() if name not in _ITEM}
