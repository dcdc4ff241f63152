"""Searching: a request run as a flow, its answer counted and logged."""

from collections.abc import Sequence
from typing import Any

from msgspec import UNSET, structs

from db.items import items
from db.search import shaping
from db.search.rows import Correction
from flows.ask import AskAnswer, AskIn, Told, ask
from flows.search.batch import search_batch
from flows.search.correction import correct
from flows.search.request import SearchIn
from flows.search.run import SearchAnswer, Times, search
from service.data.database import CallersDatabase
from service.flows.live_tests import LiveTests
from service.flows.performer import Performer
from service.monitoring.process_metrics import meters
from service.search.query_log import QueryLog
from service.search.schemas import ClickIn, ClickOut, DwellIn, DwellOut, SearchOut, Timing


class Searcher:
    """Searches collections."""

    def __init__(
        self, performer: Performer, live_tests: LiveTests, query_log: QueryLog | None = None
    ) -> None:
        self._performer = performer
        self._live_tests = live_tests
        self._query_log = query_log

    async def search(
        self,
        database: CallersDatabase,
        collection: str,
        request: SearchIn,
        picture: bytes | None = None,
    ) -> SearchOut:
        """Search a collection as a caller may; arguments and errors as `flows.search.run.search`."""
        found = await self._performer.run(database, search(collection, request, picture))
        shown = picture is not None or request.picture is not None
        return await self._answered(database, collection, request, found, picture=shown)

    async def batch(
        self, database: CallersDatabase, searches: Sequence[tuple[str, SearchIn]]
    ) -> list[SearchOut | Exception]:
        """Search several times; as `flows.search.batch.search_batch`."""
        came = await self._performer.run(database, search_batch(searches))
        return [
            found
            if isinstance(found, Exception)
            else await self._answered(
                database, collection, request, found, picture=request.picture is not None
            )
            for (collection, request), found in zip(searches, came, strict=True)
        ]

    async def ask(
        self,
        database: CallersDatabase,
        collection: str,
        request: AskIn,
        tell: Told | None = None,
    ) -> AskAnswer:
        """Answer a question as a caller may, by a search that is logged; as `flows.ask.ask`."""
        asked = await self._performer.run(database, ask(collection, request, tell))
        await self._answered(database, collection, asked.request, asked.found, picture=False)
        return asked.answer

    async def _answered(
        self,
        database: CallersDatabase,
        collection: str,
        request: SearchIn,
        found: SearchAnswer,
        *,
        picture: bool,
    ) -> SearchOut:
        """The answer, counted and logged."""
        _count(found.times)
        answer = _answer(collection, found)
        if found.live is not None and not request.skip:
            token = await self._live_tests.note(found.live, found.hits)
            answer = structs.replace(answer, live=token or UNSET)
        if self._query_log is not None and request.log:
            self._query_log.note(database.caller, request, found.legs, answer, picture=picture)
        return answer

    async def click(self, database: CallersDatabase, collection: str, click: ClickIn) -> ClickOut:
        """Keep that a result was opened, where searches are kept, and count it in a live test.

        Raises:
            UnknownName: the caller sees no such collection, or it has no such item.
        """
        seen = shaping.check_item(collection=collection, external_id=click.external_id)
        await database.fetch(seen)
        if self._query_log is not None:
            await self._query_log.click(database.caller, collection, click)
        counted = click.live is not None and await self._live_tests.count(
            collection, click.external_id, click.live
        )
        return ClickOut(kept=self._query_log is not None, counted=counted)

    async def dwell(self, database: CallersDatabase, collection: str, dwell: DwellIn) -> DwellOut:
        """Keep for how long a result was looked at, where searches are kept.

        Raises:
            UnknownName: the caller sees no such collection.
        """
        await database.fetch(items.named_collection(collection=collection))
        kept = self._query_log is not None and await self._query_log.dwell(collection, dwell)
        return DwellOut(kept=kept)

    async def correct(self, database: CallersDatabase, collection: str, query: str) -> Correction:
        """Correct a query as a caller may; errors as `flows.search.correction.correct`."""
        return await self._performer.run(database, correct(collection, query))


def _answer(collection: str, found: SearchAnswer) -> SearchOut:
    return SearchOut(
        collection=collection,
        hits=found.hits,
        more=found.page.more,
        degraded=found.degraded,
        timing=Timing(
            encode_ms=_ms(found.times.encode),
            sql_ms=_ms(found.times.sql),
            rerank_ms=_ms(found.times.rerank or 0.0),
            total_ms=_ms(found.times.total),
        ),
        reranker=found.reranker,
        numbers=UNSET if found.part_numbers is None else found.part_numbers,
        explain=UNSET if found.explain is None else found.explain,
        did_you_mean=UNSET if found.did_you_mean is None else found.did_you_mean,
        weak=found.nearness.weak,
        weak_why=found.nearness.why or UNSET,
        explain_shape=UNSET if found.shape_steps is None else found.shape_steps,
        **_counts(found),
    )


def _counts(found: SearchAnswer) -> dict[str, Any]:
    """Facets, total and pages, as far as they were requested."""
    given: dict[str, Any] = {"cursor": found.page.cursor, "gone": found.page.gone or None}
    if found.facets is not None:
        counts = found.facets._asdict()
        given |= {"facets": counts.pop("terms"), "counted": counts.pop("counted")}
        given |= {kind: facets or None for kind, facets in counts.items()}
    return {
        name: value for name, value in {**given, "total": found.total}.items() if value is not None
    }


def _count(times: Times) -> None:
    """Count the parts of a search for `/metrics`."""
    parts = {"encode": times.encode, "sql": times.sql, "rerank": times.rerank, "total": times.total}
    for part, seconds in parts.items():
        if seconds is not None:
            meters().search.labels(part).observe(seconds)


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 2)
