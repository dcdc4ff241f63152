"""The pipeline: stages side by side until their queues are drained, fed by a loader or by what waits.

    load -> read (OCR, captions) -> vectors (of pictures, of texts)

The queues between stages are tables (core.reading, ops.outbox), so that a stop at any moment loses
nothing and a run that goes on does only what is missing.
"""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

from db import connect
from db.calls.query import fetch
from db.errors import SeogoDbError
from db.operations import runs
from jobs import summaries
from jobs.stages import stage
from jobs.stages.build import picture_stages
from jobs.stages.index import IndexStage
from jobs.stages.progress import Meter
from jobs.stages.share import Share
from jobs.stages.vectors import VectorStage
from jobs.types import Conn, OnText, silent

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Literal, TypeAlias

    from db.spaces.rows import Space
    from jobs.stages.config import PipelineSettings
    from jobs.stages.stage import Stage

    RunEnd = Literal["stopped", "done", "failed"]
    Load: TypeAlias = Callable[[Conn, Meter, threading.Event], None]

TICK_S = 0.25
# Counting what waits costs the database something.
MEASURE_S = 1.0
LOAD = "load"
# Stages that fill the queue of a stage.
FEEDERS = {"ocr": {LOAD}, "caption": {LOAD}, "vectors": {LOAD, "ocr", "caption"}}


class Pipeline:
    """One run of all stages; `meters` exist from the start, for progress displays."""

    def __init__(
        self,
        settings: PipelineSettings,
        spaces: list[Space] | None,
        *,
        load: Load | None = None,
        run_id: int | None = None,
        tell: OnText = silent,
    ) -> None:
        """Prepare a run.

        Without spaces (None) it only loads. `load` brings new items, on a connection of its own; the
        record of the run, if any, says what the stages do and how it ended; `tell` gets a line of text
        before slow work.
        """
        self._settings = settings
        self._db = settings.db
        self._spaces = spaces or []
        self._load = load
        self._run_id = run_id
        self._share = Share()
        self._tell = tell
        self.stop = threading.Event()
        self._interrupted = False
        self._failures: list[BaseException] = []
        self._threads: list[tuple[str, threading.Thread]] = []
        self.meters: dict[str, Meter] = {}
        if load is not None:
            self._meter(LOAD)
        self._stages: list[Stage] = []
        if spaces is not None:
            self._stages = [*picture_stages(settings, self._meter, self._share, tell)]
            self._stages += map(self._vector_stage, spaces)

    def run(self, on_tick: Callable[[], None] = lambda: None) -> None:
        """Run until everything is done.

        `on_tick` is called a few times a second in the caller's thread. Interrupted (Ctrl-C, or by
        `interrupt`), stages finish the batch they are at.

        Raises:
            KeyboardInterrupt: it was interrupted.
            Exception: what the first stage failed with.
        """
        with connect.session(self._db) as conn:
            try:
                self._share.begin(conn, self._run_id)
                self._run_stages(conn, on_tick)
            except KeyboardInterrupt:
                self._end(conn, "stopped")
                raise
            except BaseException as exc:
                self._end(conn, "failed", str(exc))
                raise
            self._end(conn, "done")

    def interrupt(self) -> None:
        """Make `run` end soon; may be called from a signal handler."""
        self._interrupted = True
        self.stop.set()

    def build_indexes(self, on_progress: Callable[[str, str, int, int], None]) -> list[str]:
        """Build the vector indexes that are missing; the spaces that got one."""
        indexes = IndexStage(lambda _conn: self._spaces, on_progress=on_progress)
        with connect.session(self._db) as conn:
            indexes.step(conn)
        return indexes.built

    def _meter(self, name: str) -> Meter:
        return self.meters.setdefault(name, Meter(name))

    def _vector_stage(self, space: Space) -> VectorStage:
        meter = self._meter(f"{space.modality} vectors: {space.space}")
        return VectorStage(
            self._settings.encoders,
            self._share,
            spaces=lambda _conn: [space],
            meter_of=lambda _space: meter,
            on_trouble=_give_up,
            tell=self._tell,
            summarizer=summaries.build(self._settings.summaries),
        )

    def _run_stages(self, conn: Conn, on_tick: Callable[[], None]) -> None:
        if (load := self._load) is not None:
            body = self._thread(lambda conn: load(conn, self.meters[LOAD], self.stop))
            self._threads.append((LOAD, body))
        self._threads += [(one.key, self._thread(self._body(one))) for one in self._stages]
        threads, next_measure = [thread for _, thread in self._threads], 0.0
        try:
            for thread in threads:
                thread.start()
            while any(thread.is_alive() for thread in threads):
                if time.monotonic() >= next_measure:
                    self._measure(conn)
                    next_measure = time.monotonic() + MEASURE_S
                on_tick()
                time.sleep(TICK_S)
            on_tick()
        finally:
            self.stop.set()
            for thread in threads:
                if thread.ident is not None:
                    thread.join()
        if self._interrupted:
            raise KeyboardInterrupt
        if self._failures:
            raise self._failures[0]

    def _body(self, one: Stage) -> Callable[[Conn], None]:
        return lambda conn: stage.run(
            one,
            conn,
            stop=self.stop,
            rest=lambda: self.stop.wait(stage.IDLE_S),
            more_to_come=lambda: any(
                thread.is_alive() for key, thread in self._threads if key in FEEDERS[one.key]
            ),
        )

    def _thread(self, body: Callable[[Conn], None]) -> threading.Thread:
        def guarded() -> None:
            try:
                with connect.session(self._db) as conn:
                    body(conn)
            except BaseException as exc:
                self._failures.append(exc)
                self.stop.set()

        return threading.Thread(target=guarded)

    def _measure(self, conn: Conn) -> None:
        """Look how much waits for each stage, and record what they have done."""
        for one in self._stages:
            one.measure(conn)
        if self._run_id is not None:
            found = {name: msgspec.to_builtins(m.read()) for name, m in self.meters.items()}
            fetch(conn, runs.stages(run_id=self._run_id, stages=found))

    def _end(self, conn: Conn, state: RunEnd, error: str | None = None) -> None:
        """Record how it ended, unless the database is what failed."""
        with suppress(SeogoDbError):
            self._measure(conn)
            if self._run_id is not None:
                fetch(conn, runs.finish(run_id=self._run_id, state=state, error=error))


def _give_up(_space: Space, trouble: Exception) -> None:
    raise trouble
