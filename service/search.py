"""A search request made into legs, run as one SQL call."""

import asyncio
import time
from collections.abc import Sequence

import msgspec

from db import search
from db.errors import BadVector, UnknownName
from db.rows import HybridHit, Leg, Space
from encoders.base import Vectors
from service.database import Database
from service.encoding import Encoders
from service.errors import LegUnavailable, NoLegLeft
from service.schemas import LegIn, SearchIn, SearchOut
from service.spaces import LiveSpaces


class Searcher:
    """Searches collections."""

    def __init__(self, database: Database, encoders: Encoders, spaces: LiveSpaces) -> None:
        self._database = database
        self._encoders = encoders
        self._spaces = spaces

    async def search(self, collection: str, asked: SearchIn) -> SearchOut:
        """Encode the query for every vector leg, then ask `search.hybrid` once.

        Raises:
            UnknownName: no such collection, or a leg names a space that is not live.
            NoLegLeft: every leg that was asked for had to be left out.
            BadRequest: the SQL functions refused the filter or the legs.
        """
        started = time.perf_counter()
        legs, degraded = await self._legs(collection, asked)
        hits = await self._hits(collection, asked, legs)
        took = round((time.perf_counter() - started) * 1000, 2)
        return SearchOut(collection=collection, hits=hits, degraded=degraded, took_ms=took)

    async def _hits(self, collection: str, asked: SearchIn, legs: list[Leg]) -> list[HybridHit]:
        query = search.hybrid(
            collection=collection,
            query=asked.query,
            legs=legs,
            k=asked.k,
            filter=filter_text(asked.filter),
            k_rrf=asked.k_rrf,
        )
        try:
            return await self._database.fetch(query)
        except (UnknownName, BadVector):
            self._spaces.forget()  # perhaps a space changed since it was remembered
            raise

    async def _legs(self, collection: str, asked: SearchIn) -> tuple[list[Leg], list[str]]:
        legs, wanted = await self._plan(collection, asked.legs)
        spaces = {space.identity: space for _, space in wanted}
        tried = await asyncio.gather(*(self._vector(s, asked.query) for s in spaces.values()))
        vectors = dict(zip(spaces, tried, strict=True))
        degraded = [reason for reason in tried if isinstance(reason, str)]
        for leg, space in wanted:
            vec = vectors[space.identity]
            if not isinstance(vec, str):
                legs.append(msgspec.structs.replace(leg, vec=search.vector_text(vec)))
        if not legs:
            # No legs at all would mean the default ones to SQL, which nobody asked for.
            raise NoLegLeft("no leg is left: " + "; ".join(degraded), "see /ready")
        return legs, degraded

    async def _vector(self, space: Space, query: str) -> Vectors | str:
        """The query's vector, or why the legs of this space are left out."""
        try:
            return await self._encoders.query_vector(space, query)
        except LegUnavailable as exc:
            return f"leg {space.space} left out: {exc}"

    async def _plan(
        self, collection: str, asked: list[LegIn] | None
    ) -> tuple[list[Leg], list[tuple[Leg, Space]]]:
        """Legs that need no vector, and those that do with their space."""
        if asked is None:
            spaces = await self._spaces.of(collection)
            vector = [
                (Leg(kind="vector", space=space.space), space)
                for space in spaces
                if space.modality != "image"  # words cannot be compared with pictures there
            ]
            return list(search.DEFAULT_LEGS), vector
        legs = [_leg(leg) for leg in asked if leg.kind != "vector"]
        wanted = [leg for leg in asked if leg.kind == "vector"]
        known = await self._known(wanted) if wanted else {}
        return legs, [(_leg(leg), known[leg.space or ""]) for leg in wanted]

    async def _known(self, legs: Sequence[LegIn]) -> dict[str, Space]:
        names = {leg.space or "" for leg in legs}
        known = {space.space: space for space in await self._spaces.of()}
        if not names <= known.keys():
            self._spaces.forget()  # it may be younger than what is remembered
            known = {space.space: space for space in await self._spaces.of()}
        if unknown := sorted(names - known.keys()):
            live = ", ".join(sorted(known)) or "none yet"
            raise UnknownName(
                f"unknown embedding space: {', '.join(unknown)}",
                f"Live spaces: {live}. `seogo embed` makes those that collections ask for.",
            )
        return known


def _leg(leg: LegIn) -> Leg:
    return Leg(
        kind=leg.kind,
        name=leg.name,
        space=leg.space,
        source=leg.source,
        weight=leg.weight,
        pool_n=leg.pool_n,
    )


def filter_text(filter: dict[str, object] | str | None) -> str | None:
    """The filter as SQL takes it: an object becomes its JSON text."""
    return msgspec.json.encode(filter).decode() if isinstance(filter, dict) else filter
