"""The worker: the stages of the pipeline, run for ever, on any number of machines.

The queues are tables, and what a worker had claimed when it died is free at once. Triggers wake it; it
looks by itself every few seconds as well.
"""

from __future__ import annotations

import logging
import threading
import time
from functools import partial
from typing import TYPE_CHECKING

import psycopg

from db import connect
from db.calls.query import fetch
from db.errors import BadRequest, SeogoDbError
from db.operations import workers
from db.spaces import embedding
from encoders.errors import EncoderError
from jobs import embed, summaries
from jobs.stages import stage
from jobs.stages.build import picture_stages
from jobs.stages.defects import DefectStage
from jobs.stages.index import IndexStage
from jobs.stages.progress import Meter
from jobs.stages.share import Tally
from jobs.stages.stage import KEYS
from jobs.stages.vectors import VectorStage
from jobs.stages.wake import WakeSignal
from jobs.stages.webhooks import WebhookStage

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from db.spaces.rows import Space
    from jobs.stages.config import PipelineSettings
    from jobs.stages.settings import WorkerSettings
    from jobs.stages.stage import Stage, StageKey
    from jobs.types import Conn

log = logging.getLogger("seogo.worker")

# Stages woken by what triggers and functions say on the channel seogo_work; `spaces` wakes all.
WOKEN: dict[str, tuple[str, ...]] = {
    "vectors": ("vectors",),
    "pictures": ("ocr", "caption"),
    "defects": ("defects",),
    "webhooks": ("webhooks",),
}

LISTEN_S = 0.5
# Once, there is nothing to wait for but the other threads.
ONCE_S = 0.05
INDEX_LOOK_S = 30.0
LOG_EVERY_S = 60.0
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0


class Worker:
    """A worker process; `run` returns when it was told to stop, by `request_stop`."""

    def __init__(
        self,
        settings: PipelineSettings,
        worker: WorkerSettings,
        *,
        stages: Collection[StageKey] = KEYS,
        once: bool = False,
    ) -> None:
        """Prepare a worker.

        With `once` it stops when nothing waits any more, and fails instead of waiting for better times.
        """
        self._settings = settings
        self._worker = worker
        self._keys = stages
        self._once = once
        self._stop = threading.Event()
        self._listen_s = ONCE_S if once else LISTEN_S
        self._signal = WakeSignal(ONCE_S if once else worker.worker_poll_s)
        self._failure: BaseException | None = None
        self.meters: dict[str, Meter] = {}
        # Why the encoder of a space failed on everything, the last time that one did.
        self.trouble: str | None = None
        self._logged: dict[str, tuple[int, int]] = {}
        due = workers.index_due(least_vectors=worker.index_min_vectors)
        self._index = IndexStage(
            lambda conn: fetch(conn, due), stopped=self._stop.is_set, tell=log.info
        )
        self._stages = [one for one in self._every_stage() if one.key in stages]

    def request_stop(self) -> None:
        """Ask to stop: batches under way are finished. May be called from a signal handler."""
        self._stop.set()

    def run(self) -> None:
        """Work until stopped, or, once, until nothing waits.

        Raises:
            Exception: once, what a stage failed with.
        """
        # Daemons: a second signal ends the process at once, whatever they are at.
        threads = [
            threading.Thread(target=self._keep_up, args=(name, body), daemon=True)
            for name, body in self._bodies().items()
        ]
        log.info("working on %s", ", ".join(self._keys))
        for thread in threads:
            thread.start()
        try:
            self._keep_up("supervisor", self._supervise)
        finally:
            self._stop.set()
            log.info("stopping: batches under way are finished")
            while any(thread.is_alive() for thread in threads):
                self._signal.wake()
                time.sleep(0.01)
            self._log_progress()
        if self._failure is not None:
            raise self._failure

    def _every_stage(self) -> Iterator[Stage]:
        yield VectorStage(
            self._settings.encoders,
            Tally(),
            spaces=lambda conn: fetch(conn, embedding.active_spaces()),
            meter_of=lambda space: self._meter(space.pinned),
            on_trouble=self._on_trouble,
            tell=log.info,
            batch_s=self._worker.worker_batch_s,
            summarizer=summaries.build(self._settings.summaries),
        )
        yield from picture_stages(self._settings, self._meter, Tally(), log.info)
        yield DefectStage(self._settings, self._meter("defects"))
        yield WebhookStage(self._worker, self._meter("webhooks"))
        if not self._once:
            yield self._index

    def _bodies(self) -> dict[str, Callable[[Conn], None]]:
        """The loops of all threads by name; several share the vector stage."""
        found: dict[str, Callable[[Conn], None]] = {}
        for one in self._stages:
            lanes = self._worker.worker_lanes if one.key == "vectors" else 1
            look_s = INDEX_LOOK_S if one.key == "index" else None
            for lane in range(lanes):
                name = f"{one.key} {lane + 1}"
                rest = partial(self._signal.wait, name, look_s)
                found[name] = partial(stage.run, one, stop=self._stop, rest=rest)
        return found

    def _keep_up(self, name: str, body: Callable[[Conn], None]) -> None:
        """Run a stage; after a failure or a lost connection again, with growing pauses."""
        pause_s = FIRST_PAUSE_S
        while not self._stop.is_set():
            began = time.monotonic()
            try:
                with connect.session(self._settings.db) as conn:
                    fetch(conn, workers.prepare(max_attempts=self._worker.max_attempts))
                    body(conn)
                return
            # This is the main loop: whatever went wrong, the other stages and later work go on.
            except Exception as exc:
                if self._once:
                    self._failure = self._failure or exc
                    self._stop.set()
                    return
                known = isinstance(exc, (SeogoDbError, psycopg.OperationalError))
                log.warning("%s: %s; again in %.1f s", name, exc, pause_s, exc_info=not known)
                if time.monotonic() - began > LONGEST_PAUSE_S:
                    pause_s = FIRST_PAUSE_S
                self._stop.wait(pause_s)
                pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    def _supervise(self, conn: Conn) -> None:
        """Create missing spaces, wake stages, and end when all is done."""
        conn.execute("LISTEN seogo_work")
        self._signal.wake()  # notices were missed before
        next_look = next_log = 0.0
        while not self._stop.is_set():
            now = time.monotonic()
            if now >= next_look:
                self._make_spaces(conn)
                next_look = now + self._worker.worker_poll_s
            if now >= next_log:
                self._log_progress()
                next_log = now + LOG_EVERY_S
            for notice in conn.notifies(timeout=self._listen_s, stop_after=1):
                self._signal.wake(*WOKEN.get(notice.payload, ()))
            if self._once and self._all_done(conn):
                if self._index.key in self._keys:
                    self._index.step(conn)
                return

    def _make_spaces(self, conn: Conn) -> None:
        try:
            for space in embed.ensure_spaces(conn, self._settings.encoders):
                log.info("space %s", space)
        except BadRequest:
            pass  # another worker was faster
        except (EncoderError, psycopg.errors.InsufficientPrivilege) as exc:
            if self._once:
                raise
            log.warning("spaces that collections ask for cannot be made: %s", exc)

    def _all_done(self, conn: Conn) -> bool:
        """Whether all stages wait and nothing is due, throughout the check."""
        names = set(self._bodies())
        quiet, before = self._signal.all_waiting(names)
        if not quiet or any(one.due(conn) for one in self._stages):
            return False
        return self._signal.all_waiting(names) == (True, before)

    def _on_trouble(self, space: Space, exc: Exception) -> None:
        if self._once:
            self._failure = self._failure or exc
            self._stop.set()
        self.trouble = f"{space.pinned}: {exc}"
        log.warning("%s rests: %s", space.pinned, exc)

    def _meter(self, name: str) -> Meter:
        return self.meters.setdefault(name, Meter(name))

    def _log_progress(self) -> None:
        for name, meter in list(self.meters.items()):
            now = meter.read()
            if (now.done, now.failed) != self._logged.get(name, (0, 0)):
                self._logged[name] = now.done, now.failed
                counts = (name, now.done, now.failed, now.busy_s)
                log.info("%s: %d done, %d failed, %.0f s at work", *counts)
