"""A search by an item: its words and its vectors ask, and it is left out."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple

from db.errors import BadVector, UnknownName
from db.evaluation import tuning
from db.search import functions, results
from db.search.rows import Leg
from flows.effects import Flow, Forget, UsedReranker
from flows.search.filters import filter_text
from flows.search.plan import page_of
from flows.search.shaped import reorder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from db.evaluation.tuning import Reranker
    from db.search.results import Found
    from flows.search.request import SearchIn


class FoundByItem(NamedTuple):
    """Hits from the first of the page on, one behind it among them, and the time each part took."""

    hits: list[Found]
    notes: list[str]
    reranker: str | None
    sql_s: float
    rerank_s: float | None


def search_by_item(collection: str, request: SearchIn) -> Flow[FoundByItem]:
    """Search by the item of a request.

    Raises:
        UnknownName: no such collection, item, space or profile.
        BadVector: a leg that was asked for needs a vector that the item has not.
        BadRequest: the SQL functions refused something.
    """
    started = time.perf_counter()
    used: Reranker | None = (
        (yield UsedReranker(collection, by_item=True)) if request.rerank else None
    )
    page = page_of(request, used.top_n if used else 0)
    ranking = functions.by_item(
        collection=collection,
        item=request.item,
        k=page.k,
        filter=filter_text(request.filter),
        legs=_legs(request, page.depth),
        profile=request.profile,
        skip=page.skip,
        method=request.method,
        normalization=request.normalization,
        k_rrf=request.k_rrf,
        shape=request.shape,
    )
    try:
        hits: list[Any] = yield results.hits(ranking)
    except (UnknownName, BadVector):
        yield Forget()
        raise
    found = time.perf_counter()
    if used is None or page.skip:
        return FoundByItem(hits[request.skip - page.skip :], [], None, found - started, None)
    texts = yield tuning.item_text(collection=collection, item_id=request.item)
    hits, model, notes = yield from reorder(collection, used, texts[0].text or "", hits, 0)
    rerank_s = time.perf_counter() - found
    return FoundByItem(hits[request.skip - page.skip :], notes, model, found - started, rerank_s)


def _legs(request: SearchIn, depth: int) -> Sequence[Leg] | None:
    """The legs as SQL takes them, which gives them the item's vectors; None: its default."""
    if request.legs is None:
        return None
    return [
        Leg(
            kind="vector" if leg.kind == "like" else leg.kind,
            name=leg.name or leg.space or leg.kind,
            space=leg.space,
            source=leg.source,
            weight=leg.weight,
            pool_n=leg.pool_n or depth,
        )
        for leg in request.legs
    ]
