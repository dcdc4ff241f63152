"""The worker: the stages of the pipeline, run for ever.

It reads pictures, encodes what is new or changed, and builds vector indexes, until it is told to stop.
The queues are tables, any number of workers share them, and what a worker had when it died is free at
once. Triggers wake it; it looks by itself every few seconds as well.
"""

from __future__ import annotations

import logging
import threading
import time
from contextlib import closing, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, get_args

import psycopg

from db import connect
from db.calls.query import fetch
from db.errors import BadRequest, SeogoDbError
from db.operations import readings, workers
from db.spaces import embedding
from encoders.captioning import registry as captioning
from encoders.errors import EncoderError
from encoders.ocr.settings import OcrOptions
from jobs import embed
from jobs.stages import index
from jobs.stages.caption import CaptionStage
from jobs.stages.ocr import OcrStage
from jobs.stages.progress import Meter
from jobs.stages.vectors import VectorLanes
from jobs.stages.wake import Bell

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from db.rows import Space
    from jobs.stages.settings import PipelineSettings, WorkerSettings

log = logging.getLogger("seogo.worker")

Stage = Literal["ocr", "caption", "vectors", "index"]
STAGES: tuple[Stage, ...] = get_args(Stage)

# Who is woken by what triggers and functions say on the channel seogo_work; `spaces` wakes all.
WOKEN: dict[str, tuple[str, ...]] = {"vectors": ("vectors",), "pictures": ("ocr", "caption")}

LISTEN_S = 0.5
# Once, there is nothing to wait for but the other threads.
ONCE_S = 0.05
INDEX_LOOK_S = 30.0
TELL_EVERY_S = 60.0
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0


class Worker:
    """A worker process; `run` returns when it was told to stop, by `request_stop`."""

    def __init__(
        self,
        settings: PipelineSettings,
        worker: WorkerSettings,
        *,
        stages: Collection[Stage] = STAGES,
        once: bool = False,
    ) -> None:
        """Prepare a worker.

        Args:
            settings: of database, encoders and captioners.
            worker: sizes and waits.
            stages: what it does; others are for other workers.
            once: stop when nothing waits any more, and fail instead of waiting for better times.
        """
        self._db = settings.db
        self._settings = settings
        self._worker = worker
        self._stages = stages
        self._once = once
        self._stop = threading.Event()
        self._listen_s = ONCE_S if once else LISTEN_S
        self._bell = Bell(ONCE_S if once else worker.worker_poll_s)
        self._failure: BaseException | None = None
        self._meter_lock = threading.Lock()
        self.meters: dict[str, Meter] = {}
        self._last_told: dict[str, tuple[int, int]] = {}
        self._lanes = VectorLanes(
            settings.encoders,
            worker,
            meter_of=lambda space: self._meter(space.pinned),
            on_trouble=self._on_trouble,
            tell=log.info,
        )
        self._bodies = dict(self._planned())

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
            threading.Thread(
                target=self._kept_up, args=(name, body), name=f"seogo-{name}", daemon=True
            )
            for name, body in self._bodies.items()
        ]
        log.info("working on %s", ", ".join(self._stages))
        for thread in threads:
            thread.start()
        try:
            self._kept_up("supervisor", self._supervise)
        finally:
            self._stop.set()
            log.info("stopping: batches under way are finished")
            while any(thread.is_alive() for thread in threads):
                self._bell.ring()
                time.sleep(0.01)
            self._told()
        if self._failure is not None:
            raise self._failure

    def _planned(self) -> Iterator[tuple[str, Callable[[psycopg.Connection[Any]], None]]]:
        if "vectors" in self._stages:
            for lane in range(self._worker.worker_lanes):
                name = f"vectors {lane + 1}"
                rest = partial(self._bell.wait, name)
                yield name, partial(self._lanes.run, stop=self._stop, rest=rest)
        if "ocr" in self._stages:
            yield "ocr", self._ocr
        if "caption" in self._stages and self._settings.captions.captioners:
            yield "caption", self._caption
        if "index" in self._stages and not self._once:
            yield "index", self._index

    def _kept_up(self, name: str, body: Callable[[psycopg.Connection[Any]], None]) -> None:
        """Run a stage; when it fails or loses the database, again, after ever longer pauses."""
        pause_s = FIRST_PAUSE_S
        while not self._stop.is_set():
            began = time.monotonic()
            try:
                with self._session() as conn:
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

    @contextmanager
    def _session(self) -> Iterator[psycopg.Connection[Any]]:
        with connect.session(self._db) as conn:
            fetch(conn, workers.prepare(max_attempts=self._worker.max_attempts))
            yield conn

    def _supervise(self, conn: psycopg.Connection[Any]) -> None:
        """Make the spaces that are missing, wake stages, and see when all is done."""
        conn.execute("LISTEN seogo_work")
        self._bell.ring()  # whatever was said while nobody listened
        next_look = next_told = 0.0
        while not self._stop.is_set():
            now = time.monotonic()
            if now >= next_look:
                self._make_spaces(conn)
                next_look = now + self._worker.worker_poll_s
            if now >= next_told:
                self._told()
                next_told = now + TELL_EVERY_S
            for notice in conn.notifies(timeout=self._listen_s, stop_after=1):
                self._bell.ring(*WOKEN.get(notice.payload, ()))
            if self._once and self._all_done(conn):
                if "index" in self._stages:
                    self._build_indexes(conn)
                return

    def _make_spaces(self, conn: psycopg.Connection[Any]) -> None:
        try:
            for made in embed.ensure_spaces(conn, self._settings.encoders):
                log.info("space %s", made)
        except BadRequest:
            pass  # another worker was faster
        except (EncoderError, psycopg.errors.InsufficientPrivilege) as exc:
            if self._once:
                raise
            log.warning("spaces that collections ask for cannot be made: %s", exc)

    def _all_done(self, conn: psycopg.Connection[Any]) -> bool:
        """Whether all stages wait, nothing waits for them, and that was so all the while."""
        names = set(self._bodies)
        quiet, before = self._bell.quiet(names)
        if not quiet or any(
            fetch(conn, workers.anything_due(space_id=space.space_id))[0].done
            for space in fetch(conn, embedding.active_spaces())
            if "vectors" in self._stages
        ):
            return False
        kinds: list[readings.Kind] = [kind for kind in ("ocr", "caption") if kind in self._bodies]
        if any(fetch(conn, readings.due_readings(kind=kind))[0].n for kind in kinds):
            return False
        return self._bell.quiet(names) == (True, before)

    def _ocr(self, conn: psycopg.Connection[Any]) -> None:
        processes = self._settings.processes
        stage = OcrStage(self._meter("ocr"), processes=processes, options=OcrOptions(threads=1))
        rest = partial(self._bell.wait, "ocr")
        stage.run(conn, more_to_come=lambda: True, stop=self._stop, rest=rest)

    def _caption(self, conn: psycopg.Connection[Any]) -> None:
        encoders = self._settings.encoders
        captioner = captioning.build(
            self._settings.captions,
            encoders.models_path,
            threads=encoders.threads,
            progress=log.info,
        )
        if captioner is not None:
            rest = partial(self._bell.wait, "caption")
            with closing(captioner):
                stage = CaptionStage(self._meter("caption"), captioner=captioner, at_once=4)
                stage.run(conn, more_to_come=lambda: True, stop=self._stop, rest=rest)

    def _index(self, conn: psycopg.Connection[Any]) -> None:
        while not self._stop.is_set():
            self._build_indexes(conn)
            self._bell.wait("index", INDEX_LOOK_S)

    def _build_indexes(self, conn: psycopg.Connection[Any]) -> None:
        due = workers.index_due(least_vectors=self._worker.index_min_vectors)
        for space in fetch(conn, due):
            log.info("building the index of %s", space.pinned)
            if index.build(conn, space, stopped=self._stop.is_set):
                log.info("index of %s built", space.pinned)

    def _on_trouble(self, space: Space, exc: Exception) -> None:
        if self._once:
            self._failure = self._failure or exc
            self._stop.set()
        log.warning("%s rests: %s", space.pinned, exc)

    def _meter(self, name: str) -> Meter:
        with self._meter_lock:
            return self.meters.setdefault(name, Meter(name))

    def _told(self) -> None:
        with self._meter_lock:
            busy = [(name, meter.read()) for name, meter in self.meters.items()]
        for name, now in busy:
            if (now.done, now.failed) != self._last_told.get(name, (0, 0)):
                self._last_told[name] = now.done, now.failed
                told = (name, now.done, now.failed, now.busy_s)
                log.info("%s: %d done, %d failed, %.0f s at work", *told)
