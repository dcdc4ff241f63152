"""Vectors kept fresh for ever: lanes that claim, encode and store, and share the encoders."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import msgspec
import psycopg

from db.calls.query import fetch
from db.errors import SeogoDbError
from db.operations import workers
from db.spaces import embedding
from jobs import embed

if TYPE_CHECKING:
    from collections.abc import Callable

    from db.rows import Space
    from encoders.settings import EncoderSettings
    from jobs.content import Encoder
    from jobs.stages.progress import Meter
    from jobs.stages.settings import WorkerSettings

FIRST_BATCH = 32
LARGEST_BATCH = 512
FIRST_REST_S = 5.0
LONGEST_REST_S = 300.0


class _Loaded(msgspec.Struct, frozen=True):
    """An encoder, and whose turn it is."""

    encoder: Encoder
    turn: threading.Lock


class _Pace(msgspec.Struct):
    """How a space is getting on: size of its batches, and when it may be tried again after trouble."""

    served: float = 0.0
    batch_n: int = FIRST_BATCH
    not_before: float = 0.0
    rest_s: float = FIRST_REST_S


class VectorLanes:
    """The part of a worker that encodes; `run` is called once per lane, in a thread of its own.

    Live spaces come first, in turns; a generation being built gets what is left.
    """

    def __init__(
        self,
        settings: EncoderSettings,
        worker: WorkerSettings,
        *,
        meter_of: Callable[[Space], Meter],
        on_trouble: Callable[[Space, Exception], None],
        tell: Callable[[str], None],
    ) -> None:
        """Prepare the lanes.

        Args:
            settings: where models are.
            worker: sizes and waits.
            meter_of: counts what is done in a space.
            on_trouble: called when a space has to rest because its encoder cannot be had or fails
                on everything.
            tell: called with a line of text before slow work.
        """
        self._settings = settings
        self._worker = worker
        self._meter_of = meter_of
        self._on_trouble = on_trouble
        self._tell = tell
        self._lock = threading.Lock()
        self._loading = threading.Lock()
        self._loaded: dict[str, _Loaded] = {}
        self._paces: dict[int, _Pace] = {}

    def run(
        self, conn: psycopg.Connection[Any], *, stop: threading.Event, rest: Callable[[], None]
    ) -> None:
        """Work on a connection of its own (autocommit) until stopped; `rest` waits for work."""
        while not stop.is_set():
            if not any(self._served(conn, space) for space in self._in_turn(conn)):
                rest()

    def _in_turn(self, conn: psycopg.Connection[Any]) -> list[Space]:
        spaces = fetch(conn, embedding.active_spaces())
        with self._lock:
            wanted = {space.identity for space in spaces}
            self._loaded = {k: v for k, v in self._loaded.items() if k in wanted}
            paces = {s.space_id: self._paces.get(s.space_id, _Pace()) for s in spaces}
            self._paces = paces
        now = time.monotonic()
        ready = [space for space in spaces if paces[space.space_id].not_before <= now]
        return sorted(ready, key=lambda s: (s.status == "building", paces[s.space_id].served))

    def _served(self, conn: psycopg.Connection[Any], space: Space) -> bool:
        """Do one batch of a space; whether there was anything to do."""
        pace = self._paces.get(space.space_id, _Pace())
        try:
            loaded = self._encoder(conn, space)
            if loaded is None:
                return False
            done = self._batch(conn, space, loaded, pace)
        except (SeogoDbError, psycopg.Error):
            raise
        # Whatever class it is of: one space's trouble is not the others'.
        except Exception as exc:
            pace.not_before = time.monotonic() + pace.rest_s
            pace.rest_s = min(2 * pace.rest_s, LONGEST_REST_S)
            self._on_trouble(space, exc)
            return False
        pace.rest_s = FIRST_REST_S
        return done

    def _encoder(self, conn: psycopg.Connection[Any], space: Space) -> _Loaded | None:
        """The encoder of a space; None as long as there is nothing for it to do."""
        if found := self._loaded.get(space.identity):
            return found
        if not fetch(conn, workers.anything_due(space_id=space.space_id))[0].done:
            return None
        with self._loading:  # once for all lanes
            if found := self._loaded.get(space.identity):
                return found
            encoder = embed.encoder_of(space, self._settings, self._tell)
            with self._lock:
                return self._loaded.setdefault(space.identity, _Loaded(encoder, threading.Lock()))

    def _batch(
        self, conn: psycopg.Connection[Any], space: Space, loaded: _Loaded, pace: _Pace
    ) -> bool:
        meter = self._meter_of(space)
        answered = 0
        if space.modality != "image":
            with loaded.turn:
                answered = embed.answer_queries(conn, space, loaded.encoder)  # type: ignore[arg-type]
        report = embed.Report()
        asked = pace.batch_n
        turn = _Timed(loaded.turn)
        try:
            items = embed.batch(conn, space, loaded.encoder, report, batch_n=asked, turn=turn)
        finally:
            meter.count(done=report.stored, failed=report.failed)
            meter.worked(turn.seconds)
        pace.served = time.monotonic()
        if len(items) == asked and turn.seconds < self._worker.worker_batch_s / 2:
            pace.batch_n = min(2 * asked, LARGEST_BATCH)
        elif turn.seconds > 2 * self._worker.worker_batch_s:
            pace.batch_n = max(asked // 2, 1)
        return bool(items or answered)


class _Timed:
    """A turn at the encoder, and the seconds for which it was held."""

    def __init__(self, turn: threading.Lock) -> None:
        self._turn = turn
        self._since = 0.0
        self.seconds = 0.0

    def __enter__(self) -> None:
        self._turn.acquire()
        self._since = time.monotonic()

    def __exit__(self, *_exc: object) -> None:
        self.seconds += time.monotonic() - self._since
        self._turn.release()
