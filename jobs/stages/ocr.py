"""The stage that reads pictures: claims them, has them read in processes, stores what was found."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import psycopg

from db.calls.query import fetch
from db.calls.retries import retry_on_conflict
from db.errors import BadRequest, SeogoDbError
from db.operations import readings
from jobs.stages.reading import Read, end_with_parent, read_or_reason
from jobs.stages.share import Share

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable
    from concurrent.futures import Future

    from db.operations.readings import ClaimedReading
    from encoders.ocr.settings import OcrOptions
    from jobs.stages.progress import Meter

IDLE_S = 0.2


class OcrStage:
    """Reads every picture that waits for OCR, until there is none and none will come.

    The queue is core.reading; at most two pictures per process are claimed ahead.
    """

    def __init__(
        self, meter: Meter, *, processes: int, options: OcrOptions, share: Share | None = None
    ) -> None:
        """Prepare; `share` says which pictures are counted as the run's, by default all."""
        self.meter = meter
        self._share = share or Share()
        self._processes = processes
        self._options = options
        self._pool: ProcessPoolExecutor | None = None
        self._waiting: dict[Future[Read | str], ClaimedReading] = {}
        # Pictures that were being read when a process died; each is tried again alone.
        self._suspects: list[ClaimedReading] = []
        self._alone = False

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
        try:
            while not stop.is_set():
                coming = more_to_come()
                self._fill(conn)
                if self._waiting:
                    self._drain(conn)
                elif not coming:
                    return
                else:
                    rest() if rest is not None else stop.wait(IDLE_S)
        finally:
            self._release(conn)

    def _fill(self, conn: psycopg.Connection[Any]) -> None:
        if self._suspects:
            if not self._waiting:
                self._submit(self._suspects.pop())
                self._alone = True
            return
        room = 2 * self._processes - len(self._waiting)
        # Asking for one picture at a time would cost as many statements as pictures.
        if room >= self._processes:
            for claimed in fetch(conn, readings.claim_readings(kind="ocr", batch_n=room)):
                self._submit(claimed)

    def _submit(self, claimed: ClaimedReading) -> None:
        task = partial(read_or_reason, claimed.bytes, claimed.wanted, self._options)
        try:
            job = self._started().submit(task)
        except BrokenProcessPool:  # since a moment; whatever else was in it is told by its result
            self._shutdown()
            job = self._started().submit(task)
        self._waiting[job] = claimed

    def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            # Spawned: models and their threads do not survive a fork.
            self._pool = ProcessPoolExecutor(
                self._processes,
                mp_context=multiprocessing.get_context("spawn"),
                initializer=end_with_parent,
            )
        return self._pool

    def _drain(self, conn: psycopg.Connection[Any]) -> None:
        done, _ = wait(self._waiting, timeout=IDLE_S, return_when=FIRST_COMPLETED)
        for job in done:
            claimed = self._waiting.pop(job)
            alone, self._alone = self._alone, False
            try:
                found = job.result()
            except BrokenProcessPool:
                self._broken(conn, claimed, alone=alone)
                return
            if isinstance(found, str):
                self._fail(conn, claimed, found)
            else:
                self._store(conn, claimed, found)

    def _store(self, conn: psycopg.Connection[Any], claimed: ClaimedReading, read: Read) -> None:
        found = readings.store_ocr(
            claimed,
            reader=read.reader,
            lines=read.lines,
            identifiers=read.identifiers,
            notes=read.notes,
        )
        try:
            retry_on_conflict(partial(fetch, conn, found))
        except (BadRequest, psycopg.DataError) as exc:  # it cannot keep what was read
            self._fail(conn, claimed, f"{type(exc).__name__}: {exc}")
            return
        self.meter.worked(read.seconds)
        self._share.picture(conn, self.meter, claimed, done=1)

    def _fail(self, conn: psycopg.Connection[Any], claimed: ClaimedReading, why: str) -> None:
        fetch(
            conn,
            readings.fail_readings(kind="ocr", picture_ids=[claimed.picture_id], error=why),
        )
        self._share.picture(conn, self.meter, claimed, failed=1)

    def _broken(
        self, conn: psycopg.Connection[Any], claimed: ClaimedReading, *, alone: bool
    ) -> None:
        """A process died: start new ones; a picture that was read alone then is to blame."""
        others = list(self._waiting.values())
        self._waiting.clear()
        self._shutdown()
        if alone:
            self._fail(conn, claimed, "the process that read it died")
        else:
            self._suspects += [claimed, *others]

    def _release(self, conn: psycopg.Connection[Any]) -> None:
        left = [c.picture_id for c in (*self._waiting.values(), *self._suspects)]
        self._waiting.clear()
        self._suspects.clear()
        self._shutdown()
        if left:
            with suppress(SeogoDbError):  # a lease ends with its session anyway
                fetch(conn, readings.release_readings(kind="ocr", picture_ids=left))

    def _shutdown(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None
