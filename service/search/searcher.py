"""A search request made into legs, run as one SQL call."""

import asyncio
import time
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from db.errors import BadVector, UnknownName
from db.evaluation.tuning import Reranker
from db.rows import Facet, Leg, LegReport
from db.search import functions as search
from db.search import results
from db.search.results import Found
from service.data.database import CallersDatabase
from service.errors import LegUnavailable
from service.models.reranking import Rerankers
from service.monitoring.process_metrics import meters
from service.search import legs as planning
from service.search.encoded_legs import EncodedLegs
from service.search.legs import Page, Question
from service.search.query_log import QueryLog
from service.search.question import Questions
from service.search.schemas import (
    LegIn,
    SearchIn,
    SearchOut,
    Timing,
)


class _Ranked(NamedTuple):
    hits: list[Found]
    legs: list[Leg]
    degraded: list[str]
    timing: Timing
    text: str | None
    numbers: list[str] | None
    reranker: str | None


class _LastWord(NamedTuple):
    hits: list[Found]
    degraded: list[str]
    reranker: str | None


class _Times(NamedTuple):
    """When each part ended."""

    started: float
    encoded: float
    ranked: float
    ended: float


class Searcher:
    """Searches collections."""

    def __init__(
        self,
        questions: Questions,
        legs: EncodedLegs,
        rerankers: Rerankers,
        query_log: QueryLog | None = None,
    ) -> None:
        self._legs = legs
        self._questions = questions
        self._rerankers = rerankers
        self._query_log = query_log

    async def search(
        self,
        database: CallersDatabase,
        collection: str,
        asked: SearchIn,
        picture: bytes | None = None,
    ) -> SearchOut:
        """Encode the query for every vector leg, then rank in one SQL call.

        Args:
            database: as the caller sees it.
            collection: where to search.
            asked: what for.
            picture: the file of a picture that was sent beside `asked`.

        Raises:
            UnknownName: no such collection, or a leg names a space that is not live.
            NoSuchItem: an item to be like, or a stored picture, is not in the collection.
            NoLegLeft: every leg that was asked for had to be left out.
            BadRequest: there is nothing to ask with, or the SQL functions refused something.
        """
        # Facets need no vector: they are counted while the query is encoded.
        ranked, facets = await asyncio.gather(
            self._ranked(database, collection, asked, picture),
            self._facets(database, collection, asked),
        )
        answer = SearchOut(
            collection=collection,
            hits=ranked.hits[: asked.k],
            more=len(ranked.hits) > asked.k,
            degraded=ranked.degraded,
            timing=ranked.timing,
            reranker=ranked.reranker,
            numbers=msgspec.UNSET if ranked.numbers is None else ranked.numbers,
            facets=facets,
            explain=await self._explain(database, collection, asked, ranked),
        )
        if self._query_log is not None:
            shown = picture is not None or asked.picture is not None
            self._query_log.note(database.caller, asked, ranked.legs, answer, picture=shown)
        return answer

    async def _ranked(
        self, database: CallersDatabase, collection: str, asked: SearchIn, sent: bytes | None
    ) -> _Ranked:
        started = time.perf_counter()
        question = await self._questions.question(database, collection, asked, sent)
        used = await self._reranker(collection, asked, question)
        page = planning.page_of(asked, used.top_n if used else 0)
        legs, degraded = await self._legs.made(database, collection, asked, question, page.depth)
        encoded = time.perf_counter()
        text = " ".join(filter(None, [asked.query, *(question.numbers or [])])) or None
        hits = await self._hits(database, collection, asked, legs, text, page)
        ranked = time.perf_counter()
        last = _LastWord(hits, [], None)
        if used is not None and page.skip == 0:
            last = await self._last_word(database, collection, used, question.words, hits)
        return _Ranked(
            hits=last.hits[asked.skip - page.skip :],
            legs=legs,
            degraded=degraded + last.degraded,
            timing=_timing(_Times(started, encoded, ranked, time.perf_counter())),
            text=text,
            numbers=question.numbers,
            reranker=last.reranker,
        )

    async def _last_word(
        self,
        database: CallersDatabase,
        collection: str,
        used: Reranker,
        words: str,
        hits: list[Found],
    ) -> _LastWord:
        """The hits as the reranker orders them, or as they are where it cannot be had."""
        try:
            with meters().search.labels("rerank").time():
                moved = await self._rerankers.reordered(database, collection, used, words, hits)
        except LegUnavailable as exc:
            return _LastWord(hits, [f"not reranked: {exc}"], None)
        return _LastWord(moved, [], used.model)

    async def _reranker(
        self, collection: str, asked: SearchIn, question: Question
    ) -> Reranker | None:
        """The reranker to use, if any: it was measured on words, and knows nothing of likes."""
        if not asked.rerank or not question.words or question.like:
            return None
        return await self._rerankers.used_by(collection)

    async def _hits(
        self,
        database: CallersDatabase,
        collection: str,
        asked: SearchIn,
        legs: Sequence[Leg],
        text: str | None,
        page: Page,
    ) -> list[Found]:
        ranking = search.hybrid(
            collection=collection,
            query=text,
            legs=legs,
            k=page.k,
            filter=filter_text(asked.filter),
            profile=asked.profile,
            skip=page.skip,
            method=asked.method,
            normalization=asked.normalization,
            k_rrf=asked.k_rrf,
        )
        marked = text if asked.highlight else None
        try:
            return await database.fetch(results.found(ranking, marked=marked))
        except (UnknownName, BadVector):
            self._legs.forget()  # perhaps a space changed since it was remembered
            raise

    async def _facets(
        self, database: CallersDatabase, collection: str, asked: SearchIn
    ) -> dict[str, list[Facet]] | msgspec.UnsetType:
        if not asked.facets:
            return msgspec.UNSET
        query = results.facets_of(
            collection=collection,
            query=asked.query,
            fields=asked.facets,
            filter=filter_text(asked.filter),
            top_n=asked.facet_n,
        )
        return {row.field: row.values for row in await database.fetch(query)}

    async def _explain(
        self, database: CallersDatabase, collection: str, asked: SearchIn, ranked: _Ranked
    ) -> list[LegReport] | msgspec.UnsetType:
        if not asked.explain:
            return msgspec.UNSET
        query = search.explain_hybrid(
            collection=collection,
            query=ranked.text,
            legs=ranked.legs,
            filter=filter_text(asked.filter),
            profile=asked.profile,
        )
        return await database.fetch(query)


def like_legs(space: str | None) -> list[LegIn] | None:
    """A like leg in one space, or whatever legs there are."""
    return None if space is None else [LegIn(kind="like", space=space)]


def filter_text(filter: dict[str, object] | str | None) -> str | None:
    """The filter as SQL takes it: an object becomes its JSON text."""
    return msgspec.json.encode(filter).decode() if isinstance(filter, dict) else filter


def _timing(at: _Times) -> Timing:
    """Where the time went; also counted for `/metrics`."""
    took = {
        "encode": at.encoded - at.started,
        "sql": at.ranked - at.encoded,
        "rerank": at.ended - at.ranked,
        "total": at.ended - at.started,
    }
    for part in ("encode", "sql", "total"):
        meters().search.labels(part).observe(took[part])
    return Timing(**{f"{part}_ms": _ms(seconds) for part, seconds in took.items()})


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 2)
