"""The stage that has pictures described: claims them, asks the captioner, stores what it says."""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec
import psycopg

from db.calls.query import fetch
from db.calls.retries import retry_on_conflict
from db.errors import BadRequest, SeogoDbError
from db.operations import readings as store
from encoders.captioning.base import Prompt
from encoders.errors import EncoderError
from encoders.pictures import decoding
from jobs.stages.share import Share

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future

    from db.operations.readings import ClaimedReading
    from encoders.captioning.base import Caption, Captioner
    from jobs.stages.progress import Meter

IDLE_S = 0.2
# Of one picture: nobody can describe it, or the database cannot keep what was said.
FAILURES = (EncoderError, ValueError, RuntimeError, BadRequest, psycopg.DataError)


class CaptionStage:
    """Has every picture described that waits for a caption; several at a time, as answers are slow."""

    def __init__(
        self, meter: Meter, *, captioner: Captioner, at_once: int, share: Share | None = None
    ) -> None:
        """Prepare; `share` says which pictures are counted as the run's, by default all."""
        self.meter = meter
        self._share = share or Share()
        self._captioner = captioner
        self._at_once = at_once
        self._waiting: dict[Future[Caption], ClaimedReading] = {}

    def run(
        self,
        conn: psycopg.Connection[Any],
        *,
        more_to_come: Callable[[], bool],
        stop: threading.Event,
        rest: Callable[[], object] | None = None,
    ) -> None:
        """Work on a connection of its own (autocommit) until the end, or until stopped.

        `rest` waits until it is worth looking again; without it, a moment.
        """
        with ThreadPoolExecutor(self._at_once, thread_name_prefix="seogo-caption") as threads:
            try:
                while not stop.is_set():
                    coming = more_to_come()
                    for claimed, prompt in self._claimed(conn):
                        self._waiting[threads.submit(self._described, claimed, prompt)] = claimed
                    if self._waiting:
                        self._drain(conn)
                    elif not coming:
                        return
                    else:
                        rest() if rest is not None else stop.wait(IDLE_S)
            finally:
                self._release(conn)

    def _claimed(
        self, conn: psycopg.Connection[Any]
    ) -> Iterator[tuple[ClaimedReading, Prompt | None]]:
        room = self._at_once - len(self._waiting)
        rows = fetch(conn, store.claim_readings(kind="caption", batch_n=room))
        # Looked up for each claim: a new version holds from the next picture on.
        prompts = {p.name: p for p in _prompts(conn)} if rows else {}
        for row in rows:
            yield row, prompts.get(row.wanted)

    def _described(self, claimed: ClaimedReading, prompt: Prompt | None) -> Caption:
        if prompt is None:
            raise ValueError(f"there is no prompt {claimed.wanted}; ops.add_prompt makes one")
        with self.meter.working():
            picture = decoding.decode(claimed.bytes)
            return self._captioner.caption([picture], prompt, claimed.about or "")

    def _drain(self, conn: psycopg.Connection[Any]) -> None:
        done, _ = wait(self._waiting, timeout=IDLE_S, return_when=FIRST_COMPLETED)
        for job in done:
            claimed = self._waiting.pop(job)
            try:
                self._store(conn, claimed, job.result())
            except FAILURES as exc:
                why = f"{type(exc).__name__}: {exc}"
                ids = [claimed.picture_id]
                fetch(conn, store.fail_readings(kind="caption", picture_ids=ids, error=why))
                self._share.picture(conn, self.meter, claimed, failed=1)

    def _store(self, conn: psycopg.Connection[Any], claimed: ClaimedReading, said: Caption) -> None:
        found = store.store_caption(
            claimed,
            caption=said.text,
            captioner=said.captioner,
            prompt=said.prompt,
            tokens=said.tokens,
            latency_ms=said.latency_ms,
            tried=msgspec.to_builtins(said.tried),
        )
        retry_on_conflict(partial(fetch, conn, found))
        self._share.picture(conn, self.meter, claimed, done=1)

    def _release(self, conn: psycopg.Connection[Any]) -> None:
        left = [claimed.picture_id for claimed in self._waiting.values()]
        for job in self._waiting:
            job.cancel()
        self._waiting.clear()
        if left:
            with suppress(SeogoDbError):  # a lease ends with its session anyway
                fetch(conn, store.release_readings(kind="caption", picture_ids=left))


def _prompts(conn: psycopg.Connection[Any]) -> list[Prompt]:
    return [
        Prompt(name=row.prompt, version=row.version, text=row.text, max_tokens=row.max_tokens)
        for row in fetch(conn, store.prompts())
    ]
