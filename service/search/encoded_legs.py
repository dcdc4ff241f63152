"""The legs of a search with the vectors that they ask with."""

import asyncio

import msgspec

from db.errors import BadRequest, UnknownName
from db.items import items
from db.rows import Leg, Space
from db.search import results
from db.search.legs import vector_text
from encoders.base import Vectors
from service.auth.callers import Caller
from service.data.database import CallersDatabase
from service.data.spaces import LiveSpaces
from service.errors import LegUnavailable, NoLegLeft, NoSuchItem
from service.models.query_vectors import QueryEncoders
from service.search import legs as planning
from service.search.legs import Plan, Question
from service.search.schemas import SearchIn


class EncodedLegs:
    """Plans legs and encodes the question for each."""

    def __init__(self, encoders: QueryEncoders, spaces: LiveSpaces) -> None:
        self._encoders = encoders
        self._spaces = spaces

    def forget(self) -> None:
        """Ask anew which spaces are live."""
        self._spaces.forget()

    async def made(
        self,
        database: CallersDatabase,
        collection: str,
        asked: SearchIn,
        question: Question,
        depth: int,
    ) -> tuple[list[Leg], list[str]]:
        """The legs to run, and why others are left out.

        Args:
            database: as the caller sees it.
            collection: where to search.
            asked: the request.
            question: what it asks with.
            depth: how deep legs look that do not say so.

        Raises:
            UnknownName: no such collection, or a leg names a space that is not live.
            NoSuchItem: an item to be like is not in the collection.
            NoLegLeft: every leg that was asked for had to be left out.
            BadRequest: nothing can be searched with the question.
        """
        plan = await self._plan(database, collection, asked, question, depth)
        spaces = {space.identity: space for _, space in plan.waiting}
        tried = await asyncio.gather(*(self._vector(s, question) for s in spaces.values()))
        vectors = dict(zip(spaces, tried, strict=True))
        degraded = [*question.notes, *plan.notes]
        degraded += [reason for reason in tried if isinstance(reason, str)]
        legs = list(plan.ready)
        for leg, space in plan.waiting:
            vec = vectors[space.identity]
            if not isinstance(vec, str):
                # Pinned to the generation it was encoded for: another one may be live by now.
                name = leg.name or space.space
                text = vector_text(vec)
                legs.append(msgspec.structs.replace(leg, vec=text, space=space.pinned, name=name))
        if legs:
            return legs, degraded
        # No legs at all would mean the default ones to SQL, which nobody asked for.
        await database.fetch(items.collection_id(collection=collection))  # or it is unknown
        if not plan.waiting:
            raise BadRequest("nothing can be searched with this: " + "; ".join(degraded))
        raise NoLegLeft("no leg is left: " + "; ".join(degraded), "see /ready")

    async def _plan(
        self,
        database: CallersDatabase,
        collection: str,
        asked: SearchIn,
        question: Question,
        depth: int,
    ) -> Plan:
        likeable = await self._likeable(database, collection, question)
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
        rows = await database.fetch(results.likeable(collection=collection, item_ids=wanted))
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
