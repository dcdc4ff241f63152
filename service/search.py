"""A search request made into legs, run as one SQL call."""

import asyncio
import time
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from db import found, items, search
from db.errors import BadRequest, BadVector, UnknownName
from db.found import Found
from db.rows import Facet, Leg, LegReport, Space
from encoders.base import Vectors
from encoders.text import clean
from service import legs as planning
from service.callers import Caller
from service.database import CallersDatabase
from service.errors import LegUnavailable, NoLegLeft, NoSuchItem
from service.legs import Plan, Question
from service.meters import meters
from service.pictures import Pictures
from service.queries import QueryEncoders
from service.query_log import QueryLog
from service.schemas.search import LegIn, SearchIn, SearchOut, Timing
from service.spaces import LiveSpaces


class _Ranked(NamedTuple):
    hits: list[Found]
    legs: list[Leg]
    degraded: list[str]
    timing: Timing


class Searcher:
    """Searches collections."""

    def __init__(
        self,
        encoders: QueryEncoders,
        spaces: LiveSpaces,
        pictures: Pictures,
        query_log: QueryLog | None = None,
    ) -> None:
        self._encoders = encoders
        self._spaces = spaces
        self._pictures = pictures
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
            facets=facets,
            explain=await self._explain(database, collection, asked, ranked.legs),
        )
        if self._query_log is not None:
            shown = picture is not None or asked.picture is not None
            self._query_log.note(database.caller, asked, ranked.legs, answer, picture=shown)
        return answer

    async def _ranked(
        self, database: CallersDatabase, collection: str, asked: SearchIn, sent: bytes | None
    ) -> _Ranked:
        started = time.perf_counter()
        question = await self._question(database, collection, asked, sent)
        legs, degraded = await self._legs(database, collection, asked, question)
        encoded = time.perf_counter()
        hits = await self._hits(database, collection, asked, legs)
        ended = time.perf_counter()
        timing = Timing(
            encode_ms=_ms(encoded - started),
            sql_ms=_ms(ended - encoded),
            total_ms=_ms(ended - started),
        )
        seconds = meters().search
        seconds.labels("encode").observe(encoded - started)
        seconds.labels("sql").observe(ended - encoded)
        seconds.labels("total").observe(ended - started)
        return _Ranked(hits, legs, degraded, timing)

    async def _question(
        self,
        database: CallersDatabase,
        collection: str,
        asked: SearchIn,
        sent: bytes | None,
    ) -> Question:
        words = clean(asked.query or "").strip()
        if sent is not None and asked.picture is not None:
            raise BadRequest("there are two pictures: one was sent, and `picture` names another")
        if not (words or sent or asked.picture or asked.like):
            raise BadRequest(
                "there is nothing to search for",
                "Give `query`, `picture` or `like`, or several of them.",
            )
        data = sent
        if asked.picture is not None:
            data = await self._pictures.named(database, collection, asked.picture)
        picture = None if data is None else await self._pictures.decoded(data)
        return Question(words, picture, asked.like, asked.unlike)

    async def _legs(
        self, database: CallersDatabase, collection: str, asked: SearchIn, question: Question
    ) -> tuple[list[Leg], list[str]]:
        plan = await self._plan(database, collection, asked, question)
        spaces = {space.identity: space for _, space in plan.waiting}
        tried = await asyncio.gather(*(self._vector(s, question) for s in spaces.values()))
        vectors = dict(zip(spaces, tried, strict=True))
        degraded = plan.notes + [reason for reason in tried if isinstance(reason, str)]
        legs = list(plan.ready)
        for leg, space in plan.waiting:
            vec = vectors[space.identity]
            if not isinstance(vec, str):
                # Pinned to the generation it was encoded for: another one may be live by now.
                name = leg.name or space.space
                text = search.vector_text(vec)
                legs.append(msgspec.structs.replace(leg, vec=text, space=space.pinned, name=name))
        if legs:
            return legs, degraded
        # No legs at all would mean the default ones to SQL, which nobody asked for.
        await database.fetch(items.collection_id(collection=collection))  # or it is unknown
        if not plan.waiting:
            raise BadRequest("nothing can be searched with this: " + "; ".join(degraded))
        raise NoLegLeft("no leg is left: " + "; ".join(degraded), "see /ready")

    async def _plan(
        self, database: CallersDatabase, collection: str, asked: SearchIn, question: Question
    ) -> Plan:
        likeable = await self._likeable(database, collection, question)
        depth = planning.depth_for(asked)
        if asked.legs is None:
            spaces = await self._spaces.of(collection)
            return planning.by_default(question, spaces, likeable, depth)
        wanted = {leg.space for leg in asked.legs if leg.kind == "vector" and leg.space}
        known = await self._known(database.caller, wanted)
        return planning.as_asked(question, asked.legs, known, depth)

    async def _likeable(
        self, database: CallersDatabase, collection: str, question: Question
    ) -> dict[str, bool]:
        """In which spaces the items to be like have vectors.

        Items of other collections are refused: their vectors would tell about them.
        """
        wanted = [*question.like, *question.unlike]
        if not wanted:
            return {}
        rows = await database.fetch(found.likeable(collection=collection, item_ids=wanted))
        there = {row.item_id: row.spaces for row in rows}
        if missing := sorted(set(wanted) - there.keys()):
            raise NoSuchItem(
                f"not in collection {collection}: {', '.join(map(str, missing))}",
                "`like` and `unlike` are item ids of the collection that is searched.",
            )
        return {space: True for item_id in question.like for space in there[item_id]}

    async def _vector(self, space: Space, question: Question) -> Vectors | str:
        """The query's vector, or why the legs of this space are left out."""
        try:
            return await self._encoders.vector(space, question.words, question.picture)
        except LegUnavailable as exc:
            return f"leg {space.space} left out: {exc}"

    async def _known(self, caller: Caller, names: set[str]) -> dict[str, Space]:
        if not names:
            return {}
        known = {space.space: space for space in await self._spaces.seen_by(caller)}
        if not names <= known.keys():
            self._spaces.forget()  # it may be younger than what is remembered
            known = {space.space: space for space in await self._spaces.seen_by(caller)}
        if unknown := sorted(names - known.keys()):
            live = ", ".join(sorted(known)) or "none yet"
            raise UnknownName(
                f"unknown embedding space: {', '.join(unknown)}",
                f"Live spaces: {live}. `seogo embed` makes those that collections ask for.",
            )
        return known

    async def _hits(
        self, database: CallersDatabase, collection: str, asked: SearchIn, legs: Sequence[Leg]
    ) -> list[Found]:
        ranking = search.hybrid(
            collection=collection,
            query=asked.query,
            legs=legs,
            k=asked.k + 1,  # one more, to see whether there are more
            filter=filter_text(asked.filter),
            profile=asked.profile,
            skip=asked.skip,
            method=asked.method,
            normalization=asked.normalization,
            k_rrf=asked.k_rrf,
        )
        marked = asked.query if asked.highlight else None
        try:
            return await database.fetch(found.found(ranking, marked=marked))
        except (UnknownName, BadVector):
            self._spaces.forget()  # perhaps a space changed since it was remembered
            raise

    async def _facets(
        self, database: CallersDatabase, collection: str, asked: SearchIn
    ) -> dict[str, list[Facet]] | msgspec.UnsetType:
        if not asked.facets:
            return msgspec.UNSET
        query = found.facets_of(
            collection=collection,
            query=asked.query,
            fields=asked.facets,
            filter=filter_text(asked.filter),
            top_n=asked.facet_n,
        )
        return {row.field: row.values for row in await database.fetch(query)}

    async def _explain(
        self, database: CallersDatabase, collection: str, asked: SearchIn, legs: Sequence[Leg]
    ) -> list[LegReport] | msgspec.UnsetType:
        if not asked.explain:
            return msgspec.UNSET
        query = search.explain_hybrid(
            collection=collection,
            query=asked.query,
            legs=legs,
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


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 2)
