"""Live tests: the one that runs for a collection, its answers written, and clicks counted for it."""

import logging
from collections.abc import Sequence

from msgspec import structs

from db.evaluation import live
from db.evaluation.live import Drafted, RunningTest
from db.search.results import Found
from flows.live import LiveAnswer, LiveOffer
from service.auth.callers import Caller
from service.data.database import Database
from service.data.ttl_cache import TtlCache

log = logging.getLogger("seogo.service")


class LiveTests:
    """Live tests of collections. Belongs to one event loop."""

    def __init__(self, database: Database, *, ttl_s: float) -> None:
        """Ask for the test of a collection once per `ttl_s`, so that searches without one pay nothing."""
        self._database = database
        self._running: TtlCache[str, RunningTest | None] = TtlCache(self._ask, ttl_s)

    def forget(self, collection: str) -> None:
        """Look anew at the next search: a test began or was stopped here."""
        self._running.forget(collection)

    async def offer(self, caller: Caller, collection: str, visitor: str | None) -> LiveOffer | None:
        """The test that runs, with who asks: a visitor whom the caller named, or the caller.

        Raises:
            UnknownName: no such collection.
        """
        test = await self._running.get(collection)
        if test is None:
            return None
        return LiveOffer(test, caller.bucket if visitor is None else f"{caller.bucket}/{visitor}")

    async def note(self, answer: LiveAnswer, hits: Sequence[Found]) -> str | None:
        """Write which side drafted which hits; the answer's token, or None where it could not be written."""
        picked: dict[str, list[int]] = {"a": [], "b": []}
        for hit in hits:
            side = hit.adjustments and hit.adjustments.live
            if side in picked:
                picked[side].append(hit.item_id)
        drafted = Drafted(test_id=answer.test_id, answer=answer.answer, **picked)
        try:
            await self._database.fetch(live.note_answers(answers=[structs.asdict(drafted)]))
        except Exception as exc:  # of whatever kind: the search is answered all the same
            log.warning("an answer of a live test is not written: %s", type(exc).__name__)
            return None
        return answer.token

    async def count(self, collection: str, external_id: str, token: str) -> bool:
        """Count that an item of an answer was opened; whether that decided the answer.

        Raises:
            UnknownName: no such collection.
        """
        test_id, _, answer = token.partition("-")
        call = live.count_click(
            collection=collection,
            external_id=external_id,
            test_id=int(test_id),
            answer=int(answer),
        )
        return (await self._database.fetch(call))[0].done

    async def _ask(self, collection: str) -> RunningTest | None:
        found = await self._database.fetch(live.running(collection=collection))
        return found[0] if found else None
