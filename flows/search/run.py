"""A search: its question is encoded, its legs run as one SQL call, its first hits are reranked."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from db.errors import BadVector, UnknownName
from db.search import functions, results, shaping
from flows.effects import Flow, Forget, Together, UsedReranker
from flows.errors import LegUnavailable
from flows.search.correction import DidYouMean, did_you_mean
from flows.search.legs import build_legs
from flows.search.plan import PageBounds, page_of
from flows.search.question import Question, build_question
from flows.search.request import SearchIn, filter_text
from flows.search.shaped import Nearness, nearness, ordered_by_shape, rerank_around

if TYPE_CHECKING:
    from db.evaluation.tuning import Reranker
    from db.search.results import Found
    from db.search.rows import Facet, Leg, LegReport
    from db.search.shaping import ShapeStep


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
    """Hits with what led to them: `hits` may have more than the page, `text` is for words."""

    hits: list[Found]
    legs: list[Leg]
    degraded: list[str]
    times: Times
    text: str | None
    part_numbers: list[str] | None
    reranker: str | None


class SearchAnswer(NamedTuple):
    """The answer to a search.

    `more`: there are hits behind these. `degraded`: why a leg was left out, the picture not read, or
    nothing reranked. `reranker`: the model that ordered the first hits. `part_numbers`: numbers read
    on the picture and searched for, None where it was not read. `facets` and `explain` are None where
    they were not requested, `did_you_mean` where the words need no correction. `nearness`: whether all
    hits are weak matches. `shape_steps` go with `explain`.
    """

    hits: list[Found]
    more: bool
    degraded: list[str]
    times: Times
    legs: list[Leg]
    reranker: str | None
    part_numbers: list[str] | None
    facets: dict[str, list[Facet]] | None
    explain: list[LegReport] | None
    did_you_mean: DidYouMean | None
    nearness: Nearness
    shape_steps: list[ShapeStep] | None


def search(collection: str, request: SearchIn, file: bytes | None = None) -> Flow[SearchAnswer]:
    """Search a collection.

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
        BadRequest: there is nothing to ask with, or the SQL functions refused something.
    """
    # Facets and corrections need no vector: they are looked up while the query is encoded.
    ranked, facets, meant = yield Together(
        [
            _ranked(collection, request, file),
            _facets(collection, request),
            did_you_mean(collection, request),
        ]
    )
    if meant is not None and meant.applied:
        request = msgspec.structs.replace(request, query=meant.query)
        ranked, facets = yield Together(
            [_ranked(collection, request, file), _facets(collection, request)]
        )
    hits = ranked.hits[: request.k]
    return SearchAnswer(
        hits=hits,
        more=len(ranked.hits) > request.k,
        degraded=ranked.degraded,
        times=ranked.times,
        legs=ranked.legs,
        reranker=ranked.reranker,
        part_numbers=ranked.part_numbers,
        facets=facets,
        explain=(yield from _explain(collection, request, ranked)),
        did_you_mean=meant,
        nearness=(yield from nearness(collection, hits)),
        shape_steps=(yield from _explain_shape(collection, request, ranked)),
    )


def _ranked(collection: str, request: SearchIn, file: bytes | None) -> Flow[Ranked]:
    started = time.perf_counter()
    question = yield from build_question(collection, request, file)
    used = yield from _reranker(collection, request, question)
    page = page_of(request, used.top_n if used else 0)
    legs, degraded = yield from build_legs(collection, request, question, page.depth)
    encoded = time.perf_counter()
    hits = yield from _hits(collection, request, legs, question.text, page)
    found = time.perf_counter()
    model, rerank_s = None, None
    if used is not None and (step := ordered_by_shape(hits)):
        degraded.append(f"not reranked: the order is that of {step}")
    elif used is not None and page.skip == 0:
        try:
            hits = yield from rerank_around(collection, used, question.words, hits)
            model = used.model
        except LegUnavailable as exc:
            degraded.append(f"not reranked: {exc}")
        rerank_s = time.perf_counter() - found
    return Ranked(
        hits=hits[request.skip - page.skip :],
        legs=legs,
        degraded=degraded,
        times=Times(encoded - started, found - encoded, rerank_s),
        text=question.text,
        part_numbers=question.part_numbers,
        reranker=model,
    )


def _reranker(collection: str, request: SearchIn, question: Question) -> Flow[Reranker | None]:
    """The reranker to use, if any: it was measured on words, and knows nothing of likes."""
    if not request.rerank or not question.words or question.like:
        return None
    used: Reranker | None = yield UsedReranker(collection)
    return used


def _hits(
    collection: str, request: SearchIn, legs: list[Leg], text: str | None, page: PageBounds
) -> Flow[list[Found]]:
    ranking = functions.hybrid(
        collection=collection,
        query=text,
        legs=legs,
        k=page.k,
        filter=filter_text(request.filter),
        profile=request.profile,
        skip=page.skip,
        method=request.method,
        normalization=request.normalization,
        k_rrf=request.k_rrf,
        shape=request.shape,
    )
    try:
        hits: list[Found] = yield results.hits(ranking, marked=text if request.highlight else None)
    except (UnknownName, BadVector):
        yield Forget()
        raise
    return hits


def _facets(collection: str, request: SearchIn) -> Flow[dict[str, list[Facet]] | None]:
    if not request.facets:
        return None
    rows = yield results.facets_of(
        collection=collection,
        query=request.query,
        fields=request.facets,
        filter=filter_text(request.filter),
        top_n=request.facet_n,
    )
    return {row.field: row.values for row in rows}


def _explain(collection: str, request: SearchIn, ranked: Ranked) -> Flow[list[LegReport] | None]:
    if not request.explain:
        return None
    reports: list[LegReport] = yield functions.explain_hybrid(
        collection=collection,
        query=ranked.text,
        legs=ranked.legs,
        filter=filter_text(request.filter),
        profile=request.profile,
    )
    return reports


def _explain_shape(
    collection: str, request: SearchIn, ranked: Ranked
) -> Flow[list[ShapeStep] | None]:
    if not request.explain:
        return None
    steps: list[ShapeStep] = yield shaping.explain_shape(
        collection=collection,
        query=ranked.text,
        legs=ranked.legs,
        filter=filter_text(request.filter),
        profile=request.profile,
        shape=request.shape,
    )
    return steps
