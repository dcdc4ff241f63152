"""A search: its question is encoded, its legs run as one SQL call, its first hits are reranked."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from db.errors import BadRequest, BadVector, UnknownName
from db.search import functions, listing, results
from flows.effects import Flow, Forget, Together, UsedReranker
from flows.live import LiveAnswer, live_answer, reorder_answer
from flows.partial import partly
from flows.search.by_item import search_by_item
from flows.search.correction import DidYouMean, did_you_mean
from flows.search.counting import count_facets, count_total
from flows.search.filters import dated, filter_text
from flows.search.legs import build_legs, explain_legs
from flows.search.listing import KEPT, HitPage, keep, kept_page, sorted_page
from flows.search.plan import PageBounds, page_of
from flows.search.question import Question, build_question
from flows.search.request import SearchIn
from flows.search.results import FIRST
from flows.search.shaped import (
    Nearness,
    explain_shaping,
    nearness,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from db.calls.query import Query
    from db.evaluation.tuning import Reranker
    from db.search.results import Found
    from db.search.rows import HybridHit, Leg, LegReport
    from db.search.shaping import ShapeStep
    from flows.search.counting import Facets, TotalOut


class Times(NamedTuple):
    """Seconds that each part took; `rerank` is None where nothing was to be reranked."""

    encode: float
    sql: float
    rerank: float | None

    @property
    def total(self) -> float:
        """All parts together."""
        return self.encode + self.sql + (self.rerank or 0.0)


class Ranked(NamedTuple):
    """A page of hits with what led to it; `text` is for words."""

    page: HitPage
    times: Times
    legs: Sequence[Leg] = ()
    text: str | None = None
    part_numbers: list[str] | None = None
    reranker: str | None = None
    live: LiveAnswer | None = None


class SearchAnswer(NamedTuple):
    """The answer to a search.

    `page`: the hits. `degraded`: why a leg was left out, the picture not read, or nothing reranked.
    `reranker`: the model that ordered the first hits. `part_numbers`: numbers read on the picture and
    searched for, None where it was not read. `facets`, `total` and `explain` are None where they were not
    requested, `did_you_mean` where the words need no correction. `nearness`: whether all hits are weak
    matches. `shape_steps` go with `explain`. `live`: it is drafted for a live test.
    """

    page: HitPage
    degraded: list[str]
    times: Times
    legs: Sequence[Leg]
    reranker: str | None
    part_numbers: list[str] | None
    facets: Facets | None
    total: TotalOut | None
    explain: list[LegReport] | None
    did_you_mean: DidYouMean | None
    nearness: Nearness
    shape_steps: list[ShapeStep] | None
    live: LiveAnswer | None

    @property
    def hits(self) -> list[Found]:
        """The hits of the page."""
        return self.page.hits


def search(collection: str, request: SearchIn, file: bytes | None = None) -> Flow[SearchAnswer]:
    """Search a collection; without the shards of it that do not answer, where the request is `partial`.

    Args:
        collection: where to search.
        request: the request.
        file: the file of a picture that was sent beside the request.

    Raises:
        UnknownName: no such collection, or a leg names a space that is not live.
        NoSuchItem: an item to be like is not in the collection.
        NoSuchPicture: a stored picture is not in the collection.
        PictureInvalid: the picture cannot be decoded.
        NoLegLeft: every leg that was requested had to be left out.
        CursorExpired: the list of the cursor is not kept any more.
        BadRequest: there is nothing to ask with, or the SQL functions refused something.
        ShardUnavailable: a shard of the collection does not answer, or, of a `partial` search, none does.
    """
    if not request.partial:
        return (yield from _answer(collection, request, file))
    answer, missing = yield from partly(collection, partial(_answer, collection, request, file))
    if not missing:
        return answer
    notes = [f"shard {name} is left out: it does not answer" for name in missing]
    return answer._replace(
        degraded=[*answer.degraded, *notes],
        total=answer.total and msgspec.structs.replace(answer.total, exact=False),
        facets=answer.facets
        and answer.facets._replace(
            counted=msgspec.structs.replace(answer.facets.counted, complete=False)
        ),
    )


def _answer(collection: str, request: SearchIn, file: bytes | None) -> Flow[SearchAnswer]:
    request = msgspec.structs.replace(
        request, filter=dated(request.filter, request.as_of), as_of=None
    )
    # Facets, totals and corrections need no vector: they are looked up while the query is encoded.
    ranked, facets, total, meant = yield Together(
        [*_found(collection, request, file), did_you_mean(collection, request)]
    )
    if meant is not None and meant.applied:
        request = msgspec.structs.replace(request, query=meant.query)
        ranked, facets, total = yield Together(_found(collection, request, file))
    return SearchAnswer(
        page=ranked.page,
        degraded=ranked.page.notes,
        times=ranked.times,
        legs=ranked.legs,
        reranker=ranked.reranker,
        part_numbers=ranked.part_numbers,
        facets=facets,
        total=total,
        explain=(yield from explain_legs(collection, request, ranked.text, ranked.legs)),
        did_you_mean=meant,
        nearness=(yield from nearness(collection, ranked.page.hits)),
        shape_steps=(yield from explain_shaping(collection, request, ranked.text, ranked.legs)),
        live=ranked.live,
    )


def _found(collection: str, request: SearchIn, file: bytes | None) -> list[Flow[Any]]:
    """List the steps that need nothing of each other: the hits, the facets and the total."""
    return [
        _listed(collection, request, file),
        count_facets(collection, request),
        count_total(collection, request),
    ]


def _listed(collection: str, request: SearchIn, file: bytes | None) -> Flow[Ranked]:
    """A page of the list that is wanted: sorted, read on, or ranked."""
    started = time.perf_counter()
    if request.sort:
        page = yield from sorted_page(collection, request)
    elif request.cursor not in (None, FIRST):
        page = yield from kept_page(collection, request, file)
    else:
        return (yield from _ranked(collection, request, file))
    return Ranked(page, Times(0.0, time.perf_counter() - started, None))


def _ranked(collection: str, request: SearchIn, file: bytes | None) -> Flow[Ranked]:
    if request.item is not None:
        return (yield from _by_item(collection, request, file))
    started = time.perf_counter()
    question = yield from build_question(collection, request, file)
    used = yield from _reranker(collection, request, question)
    live = yield from live_answer(collection, request)
    page = _bounds(request, used, live)
    legs, degraded = yield from build_legs(collection, request, question, page.depth)
    encoded = time.perf_counter()
    hits = yield from _hits(collection, request, legs, question.text, page, live, used)
    found = time.perf_counter()
    model = rerank_s = None
    if used is not None:
        hits, model, note = yield from reorder_answer(
            collection, used, question.words, hits, page.skip, live
        )
        degraded += note
        rerank_s = time.perf_counter() - found if page.skip == 0 else None
    shown = yield from _shown(collection, request, file, hits, page)
    return Ranked(
        page=shown._replace(notes=[*degraded, *shown.notes]),
        times=Times(encoded - started, found - encoded, rerank_s),
        legs=legs,
        text=question.text,
        part_numbers=question.part_numbers,
        reranker=model,
        live=live,
    )


def _bounds(request: SearchIn, used: Reranker | None, live: LiveAnswer | None) -> PageBounds:
    """Bounds of the hits to fetch; a draft of what is reranked is cut into pages afterwards."""
    page = page_of(request, used.top_n if used else 0, None if request.cursor is None else KEPT)
    if used is None or live is None:
        return page
    return page._replace(skip=0, k=page.skip + page.k)


def _shown(
    collection: str, request: SearchIn, file: bytes | None, hits: list[Any], page: PageBounds
) -> Flow[HitPage]:
    """The page of the hits, or the first of a list that is kept."""
    if request.cursor is not None:
        return (yield from keep(collection, request, file, hits))
    hits = hits[request.skip - page.skip :]
    return HitPage(hits[: request.k], len(hits) > request.k, None, [], [])


def _by_item(collection: str, request: SearchIn, file: bytes | None) -> Flow[Ranked]:
    """The list of a search by an item, which builds its legs in SQL."""
    if file is not None:
        raise BadRequest("an item asks alone: leave the picture out")
    found = yield from search_by_item(collection, request)
    hits = found.hits
    return Ranked(
        page=HitPage(hits[: request.k], len(hits) > request.k, None, [], found.notes),
        times=Times(0.0, found.sql_s, found.rerank_s),
        reranker=found.reranker,
    )


def _reranker(collection: str, request: SearchIn, question: Question) -> Flow[Reranker | None]:
    """The reranker to use, if any: it was measured on words, and knows nothing of likes."""
    if not request.rerank or not question.words or question.like:
        return None
    used: Reranker | None = yield UsedReranker(collection)
    return used


def _hits(
    collection: str,
    request: SearchIn,
    legs: list[Leg],
    text: str | None,
    page: PageBounds,
    live: LiveAnswer | None,
    used: Reranker | None,
) -> Flow[list[Any]]:
    """Hits as they are shown, or, of a ranking that is kept, with the names of their items alone."""
    asked: dict[str, Any] = {
        "collection": collection,
        "query": text,
        "legs": legs,
        "k": page.k,
        "filter": filter_text(request.filter),
        "shape": request.shape,
    }
    if live is not None and used is not None:
        ranking: Query[Any] = functions.draft_sides(profile=live.profile, **asked)
    elif live is not None:
        asked |= {"profile": live.profile, "skip": page.skip}
        ranking = functions.interleaved(coins=live.answer, **asked)
    else:
        ranking = _fused(request, skip=page.skip, **asked)
    if request.cursor is None:
        ranking = results.hits(ranking, marked=text if request.highlight else None)
    try:
        hits: list[HybridHit] = yield ranking
    except (UnknownName, BadVector):
        yield Forget()
        raise
    return hits


def _fused(request: SearchIn, **asked: Any) -> Query[Any]:
    """The fusion that is asked for, or else the one in use."""
    return (functions.hybrid if request.cursor is None else listing.ranking)(
        profile=request.profile,
        method=request.method,
        normalization=request.normalization,
        k_rrf=request.k_rrf,
        **asked,
    )
