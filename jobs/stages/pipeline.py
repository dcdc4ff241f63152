"""The pipeline: stages that run side by side, each on what the one before it has left in the database.

    load -> read (OCR, captions) -> vectors (of pictures, of texts)

The queues between stages are tables (core.reading, ops.outbox), so that a stop at any moment loses
nothing and a run that goes on does only what is missing. Within a stage little is claimed ahead.
"""

from __future__ import annotations

import threading
import time
from contextlib import closing, suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from db import connect
from db.calls.query import fetch
from db.errors import SeogoDbError
from db.operations import readings, runs
from db.spaces import embedding
from encoders.captioning import registry as captioning
from encoders.ocr.settings import OcrOptions
from jobs import embed
from jobs.stages import index
from jobs.stages.caption import CaptionStage
from jobs.stages.ocr import OcrStage
from jobs.stages.progress import Meter
from jobs.stages.share import Share, of_run

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Literal, TypeAlias

    import psycopg

    from db.rows import Space
    from jobs.content import Encoder
    from jobs.stages.settings import PipelineSettings

    Load: TypeAlias = Callable[[psycopg.Connection[Any], Meter, threading.Event], None]

TICK_S = 0.25
# Counting what waits costs the database something.
LOOK_S = 1.0
IDLE_S = 0.2
KINDS: tuple[readings.Kind, ...] = ("ocr", "caption")


class Pipeline:
    """One run of all stages. `meters` are there from the start, for whoever shows progress."""

    def __init__(
        self,
        settings: PipelineSettings,
        spaces: list[Space] | None,
        *,
        load: Load | None = None,
        run_id: int | None = None,
        tell: Callable[[str], None] = lambda _text: None,
    ) -> None:
        """Prepare a run.

        Args:
            settings: of database, encoders and captioners.
            spaces: live spaces whose outboxes are worked on; None to load only.
            load: brings new items, on a connection of its own; None: there is nothing new.
            run_id: the run whose record says what the stages do and how it ended; None: nobody keeps it.
            tell: called with a line of text before slow work that happens once.
        """
        self._settings = settings
        self._db = settings.db
        self._spaces = spaces or []
        self._load_only = spaces is None
        self._load = load
        self._run_id = run_id
        self._share = Share()
        self._next_look = 0.0
        self._tell = tell
        self.stop = threading.Event()
        self._interrupted = False
        self._failures: list[BaseException] = []
        self._threads: dict[str, threading.Thread] = {}
        self.meters = {name: Meter(name) for name in self._names()}

    def run(self, on_tick: Callable[[], None] = lambda: None) -> None:
        """Run until everything is done; then build the vector indexes that are missing.

        `on_tick` is called a few times a second in the caller's thread. Interrupted (Ctrl-C, or by
        `interrupt`), stages finish the batch they are at.

        Raises:
            KeyboardInterrupt: it was interrupted.
            Exception: what the first stage failed with.
        """
        with connect.session(self._db) as conn:
            try:
                self._run_stages(conn, on_tick)
            except KeyboardInterrupt:
                self._end(conn, "stopped")
                raise
            except BaseException as exc:
                self._end(conn, "failed", str(exc))
                raise
            self._end(conn, "done")

    def interrupt(self) -> None:
        """Make `run` end soon; may be called by whoever handles a signal."""
        self._interrupted = True
        self.stop.set()

    def build_indexes(self, on_progress: Callable[[str, str, int, int], None]) -> list[str]:
        """Build the vector indexes that are worth having; the spaces that got one."""
        built = []
        with connect.session(self._db) as conn:
            for space in self._spaces:
                if index.build(conn, space, on_progress=partial(on_progress, space.space)):
                    built.append(space.space)
        return built

    def _run_stages(self, conn: psycopg.Connection[Any], on_tick: Callable[[], None]) -> None:
        self._share = of_run(conn, self._run_id)
        for name in self.meters:
            self._threads[name] = threading.Thread(target=self._guarded, args=(name,), name=name)
        try:
            for thread in self._threads.values():
                thread.start()
            while any(thread.is_alive() for thread in self._threads.values()):
                self._watch(conn)
                on_tick()
                time.sleep(TICK_S)
            on_tick()
        finally:
            self.stop.set()
            for thread in self._threads.values():
                if thread.ident is not None:
                    thread.join()
        if self._interrupted:
            raise KeyboardInterrupt
        if self._failures:
            raise self._failures[0]

    def _names(self) -> list[str]:
        names = [] if self._load is None else ["load"]
        if self._load_only:
            return names
        names.append("ocr")
        if self._settings.captions.captioners:
            names.append("caption")
        return names + [f"{space.modality} vectors: {space.space}" for space in self._spaces]

    def _guarded(self, name: str) -> None:
        try:
            with connect.session(self._db) as conn:
                self._stage(name, conn)
        except BaseException as exc:
            self._failures.append(exc)
            self.stop.set()

    def _stage(self, name: str, conn: psycopg.Connection[Any]) -> None:
        meter = self.meters[name]
        loading = partial(self._any_alive, "load")
        if name == "load" and self._load is not None:
            self._load(conn, meter, self.stop)
        elif name == "ocr":
            options = OcrOptions(threads=1)
            stage = OcrStage(
                meter, processes=self._settings.processes, options=options, share=self._share
            )
            stage.run(conn, more_to_come=loading, stop=self.stop)
        elif name == "caption":
            self._caption(conn, meter, loading)
        else:
            space = next(s for s in self._spaces if name.endswith(f": {s.space}"))
            self._embed(conn, meter, space)

    def _caption(
        self, conn: psycopg.Connection[Any], meter: Meter, more_to_come: Callable[[], bool]
    ) -> None:
        captioner = captioning.build(
            self._settings.captions,
            self._settings.encoders.models_path,
            threads=self._settings.encoders.threads,
            progress=self._tell,
        )
        if captioner is not None:
            with closing(captioner):
                stage = CaptionStage(meter, captioner=captioner, at_once=4, share=self._share)
                stage.run(conn, more_to_come=more_to_come, stop=self.stop)

    def _embed(self, conn: psycopg.Connection[Any], meter: Meter, space: Space) -> None:
        encoder: Encoder | None = None
        while not self.stop.is_set():
            coming = self._any_alive("load", "ocr", "caption")
            queries = space.modality != "image" and fetch(
                conn, embedding.waiting_queries(space_id=space.space_id, batch_n=1)
            )
            if queries or fetch(conn, embedding.due(space_id=space.space_id))[0].n:
                encoder = encoder or embed.encoder_of(space, self._settings.encoders, self._tell)
                if queries:
                    embed.answer_queries(conn, space, encoder)  # type: ignore[arg-type]
                with meter.working():
                    report = embed.run(
                        conn,
                        space,
                        encoder,
                        on_items=partial(self._share.items, conn, meter, space),
                        stopped=self.stop.is_set,
                    )
                if not report.stored and not report.failed:
                    # What is due is locked by somebody who writes it at this moment.
                    self.stop.wait(IDLE_S)
            elif not coming:
                return
            else:
                self.stop.wait(IDLE_S)

    def _any_alive(self, *names: str) -> bool:
        return any(name in self._threads and self._threads[name].is_alive() for name in names)

    def _watch(self, conn: psycopg.Connection[Any]) -> None:
        """Look now and then how much waits for each stage, and record what they do."""
        if time.monotonic() >= self._next_look:
            self._look(conn)
            self._next_look = time.monotonic() + LOOK_S

    def _look(self, conn: psycopg.Connection[Any]) -> None:
        for kind in KINDS:
            if kind in self.meters:
                self.meters[kind].wait_for(self._share.waiting_pictures(conn, kind))
        for space in self._spaces:
            waiting = self._share.waiting_items(conn, space)
            self.meters[f"{space.modality} vectors: {space.space}"].wait_for(waiting)
        if self._run_id is not None:
            found = {name: msgspec.to_builtins(m.read()) for name, m in self.meters.items()}
            fetch(conn, runs.stages(run_id=self._run_id, stages=found))

    def _end(
        self,
        conn: psycopg.Connection[Any],
        state: Literal["stopped", "done", "failed"],
        error: str | None = None,
    ) -> None:
        """Record how it ended, unless the database is what failed."""
        with suppress(SeogoDbError):
            self._look(conn)
            if self._run_id is not None:
                fetch(conn, runs.finish(run_id=self._run_id, state=state, error=error))
