"""The query log: searches collected while they are answered, written in batches."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta

import msgspec

from db.search import query_log
from db.search.query_log import LoggedHit, LoggedSearch
from db.search.results import Found
from db.search.rows import Leg
from flows.search.request import SearchIn
from service.auth.callers import Caller
from service.data.database import Database
from service.monitoring.process_metrics import meters
from service.search.schemas import ClickIn, DwellIn, SearchOut

log = logging.getLogger("seogo.service")

WRITE_EVERY_S = 1.0
# What waits at most. More comes only where the database is slower than the searches it answers.
MOST_WAITING = 2000
FIRST_HITS = 10


class QueryLog:
    """Collects searches without slowing or failing any: what cannot be written is dropped and counted.

    Belongs to one event loop.
    """

    def __init__(self, database: Database, days: int, *, text: bool = True) -> None:
        """Keep searches for some days; without their `text` neither words nor filters are kept."""
        self._database = database
        self._keep = timedelta(days=days)
        self._text = text
        self._waiting: list[LoggedSearch] = []
        self._closing = asyncio.Event()

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None, None]:
        """Write what is noted for as long as the block lasts, and at its end what is left."""
        writer = asyncio.create_task(self._write_on())
        try:
            yield
        finally:
            self._closing.set()
            await writer

    def note(
        self,
        caller: Caller,
        request: SearchIn,
        legs: Sequence[Leg],
        answer: SearchOut,
        *,
        picture: bool,
    ) -> None:
        """Take a search that has been answered; returns at once.

        Args:
            caller: who sent it.
            request: as it was sent.
            legs: those that were run.
            answer: what was found.
            picture: whether one was part of the query.
        """
        if len(self._waiting) >= MOST_WAITING:
            meters().query_log.labels("dropped").inc()
            return
        entry = LoggedSearch(
            asked_at=datetime.now(UTC),
            key_id=caller.key_id,
            collection=answer.collection,
            query=request.query if self._text else None,
            picture=picture,
            liked=request.like,
            unliked=request.unlike,
            filter=request.filter if self._text else None,
            profile=request.profile,
            k=request.k,
            skip=request.skip,
            legs=[_without_data(leg) for leg in legs],
            degraded=answer.degraded,
            hits=[_hit(hit) for hit in answer.hits[:FIRST_HITS]],
            found=len(answer.hits),
            word_hits=_word_hits(legs, answer.hits),
            best_score=answer.hits[0].score if answer.hits else None,
            # Reasons without weakness are those why nobody can tell.
            weak=None if not answer.weak and answer.weak_why else answer.weak,
            **msgspec.structs.asdict(answer.timing),
        )
        self._waiting.append(entry)

    async def click(self, caller: Caller, collection: str, click: ClickIn) -> None:
        """Write that a result was opened.

        Raises:
            UnknownName: no such collection, or it has no such item.
        """
        call = query_log.log_click(
            collection=collection,
            query=click.query if self._text else None,
            external_id=click.external_id,
            rank=click.rank,
            keep=self._keep,
            key_id=caller.key_id,
            visit=click.visit,
            dwell_ms=click.dwell_ms,
        )
        await self._database.fetch(call)

    async def dwell(self, collection: str, dwell: DwellIn) -> bool:
        """Write how long a visit lasted; whether there is such a visit.

        Raises:
            UnknownName: no such collection.
        """
        call = query_log.note_dwell(
            collection=collection, visit=dwell.visit, dwell_ms=dwell.dwell_ms
        )
        return (await self._database.fetch(call))[0].done

    async def _write_on(self) -> None:
        while not self._closing.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), WRITE_EVERY_S)
            await self._write()

    async def _write(self) -> None:
        batch, self._waiting = self._waiting, []
        if not batch:
            return
        try:
            query = query_log.log_searches(searches=batch, keep=self._keep)
            await self._database.fetch(query)
        except Exception as exc:  # of whatever kind: the next batch may be written
            # Its text may quote the query, which is not for the log of the program.
            log.warning("%d searches not in the query log: %s", len(batch), type(exc).__name__)
            meters().query_log.labels("dropped").inc(len(batch))
        else:
            meters().query_log.labels("written").inc(len(batch))


def _without_data(leg: Leg) -> Leg:
    name = leg.name or leg.space or leg.kind  # as hits call it
    return msgspec.structs.replace(leg, name=name, vec=None, positive=None, negative=None)


def _word_hits(legs: Sequence[Leg], hits: Sequence[Found]) -> int | None:
    """The number of hits with words or numbers of the query; None where neither was asked for."""
    names = [leg.name or leg.kind for leg in legs if leg.kind in ("lexical", "identifier")]
    if not names:
        return None
    return sum(any(hit.legs.get(name) is not None for name in names) for hit in hits)


def _hit(hit: Found) -> LoggedHit:
    ranks = {name: given.rank for name, given in hit.legs.items() if given is not None}
    return LoggedHit(external_id=hit.external_id, rank=hit.rank, legs=ranks)
