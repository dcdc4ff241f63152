"""The vector stage: claims items, encodes and stores them; any number of threads share its encoders."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec
import psycopg

from db.calls.query import fetch
from db.errors import SeogoDbError
from db.operations import workers
from flows import encoding
from jobs import embed
from jobs.stages.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Callable

    from db.spaces.rows import Space
    from encoders.settings import EncoderSettings
    from flows.encoding import Encoder
    from jobs.stages.progress import Meter
    from jobs.stages.share import Tally
    from jobs.summaries import Summarizer
    from jobs.types import Conn, OnText


FIRST_BATCH = 32
LARGEST_BATCH = 512
FIRST_REST_S = 5.0
LONGEST_REST_S = 300.0


class _LoadedEncoder(msgspec.Struct, frozen=True):
    """An encoder and its lock."""

    encoder: Encoder
    lock: threading.Lock


class _Pace(msgspec.Struct):
    """The size of a space's batches, and when it is tried again after trouble."""

    served: float = 0.0
    batch_n: int = FIRST_BATCH
    not_before: float = 0.0
    rest_s: float = FIRST_REST_S


@dataclass
class VectorStage(Stage):
    """Encodes the due items of some spaces, live ones first, in turns, then those being built.

    Encoders load when there is work for them. `on_trouble` is called when the encoder of a space is
    unavailable or fails on everything; unless it raises, the space rests for a while. Batches grow and
    shrink so that encoding one takes about `batch_s` seconds.
    """

    settings: EncoderSettings
    share: Tally
    spaces: Callable[[Conn], list[Space]]
    meter_of: Callable[[Space], Meter]
    on_trouble: Callable[[Space, Exception], None]
    tell: OnText
    batch_s: float = 2.0
    summarizer: Summarizer | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _loading: threading.Lock = field(default_factory=threading.Lock)
    _loaded: dict[str, _LoadedEncoder] = field(default_factory=dict)
    _paces: dict[int, _Pace] = field(default_factory=dict)

    key = "vectors"

    def step(self, conn: Conn) -> bool:
        """See `Stage`."""
        return any(self._serve(conn, space) for space in self._in_turn(conn))

    def due(self, conn: Conn) -> bool:
        """See `Stage`."""
        return any(_due(conn, space) for space in self.spaces(conn))

    def measure(self, conn: Conn) -> None:
        """See `Stage`."""
        for space in self.spaces(conn):
            self.meter_of(space).wait_for(self.share.waiting_items(conn, space))

    def _in_turn(self, conn: Conn) -> list[Space]:
        spaces = self.spaces(conn)
        with self._lock:
            wanted = {space.identity for space in spaces}
            self._loaded = {k: v for k, v in self._loaded.items() if k in wanted}
            paces = {s.space_id: self._paces.get(s.space_id, _Pace()) for s in spaces}
            self._paces = paces
        now = time.monotonic()
        ready = [space for space in spaces if paces[space.space_id].not_before <= now]
        return sorted(ready, key=lambda s: (s.status == "building", paces[s.space_id].served))

    def _serve(self, conn: Conn, space: Space) -> bool:
        """Do one batch of a space; False where nothing was due."""
        pace = self._paces.get(space.space_id, _Pace())
        try:
            loaded = self._encoder(conn, space)
            done = loaded is not None and self._batch(conn, space, loaded, pace)
        except (SeogoDbError, psycopg.Error):
            raise
        # Whatever class it is of: one space's trouble is not the others'.
        except Exception as exc:
            pace.not_before = time.monotonic() + pace.rest_s
            pace.rest_s = min(2 * pace.rest_s, LONGEST_REST_S)
            self.on_trouble(space, exc)
            return False
        pace.rest_s = FIRST_REST_S
        return done

    def _encoder(self, conn: Conn, space: Space) -> _LoadedEncoder | None:
        """The encoder of a space; None as long as nothing is due."""
        if found := self._loaded.get(space.identity):
            return found
        if not _due(conn, space):
            return None
        with self._loading:  # once for all threads
            if found := self._loaded.get(space.identity):
                return found
            encoder = encoding.encoder_of(space, self.settings, self.tell)
            with self._lock:
                found = _LoadedEncoder(encoder, threading.Lock())
                return self._loaded.setdefault(space.identity, found)

    def _batch(self, conn: Conn, space: Space, loaded: _LoadedEncoder, pace: _Pace) -> bool:
        meter = self.meter_of(space)
        answered = 0
        if space.modality != "image":
            with loaded.lock:
                answered = embed.answer_queries(conn, space, loaded.encoder)  # type: ignore[arg-type]
        report = embed.EmbedReport()
        size, turn = pace.batch_n, _Timed(loaded.lock)
        try:
            how: dict[str, Any] = {"batch_n": size, "turn": turn, "summarizer": self.summarizer}
            claims = embed.batch(conn, space, loaded.encoder, report, **how)
        except embed.EncoderFailing:
            meter.count(failed=report.failed)
            raise
        if claims:
            meter.worked(turn.seconds)
            self.share.items(conn, meter, space, claims, report)
        pace.served = time.monotonic()
        if len(claims) == size and turn.seconds < self.batch_s / 2:
            pace.batch_n = min(2 * size, LARGEST_BATCH)
        elif turn.seconds > 2 * self.batch_s:
            pace.batch_n = max(size // 2, 1)
        return bool(claims or answered)


class _Timed:
    """A lock that adds up the seconds for which it was held."""

    def __init__(self, lock: threading.Lock) -> None:
        self._lock = lock
        self._since = 0.0
        self.seconds = 0.0

    def __enter__(self) -> None:
        self._lock.acquire()
        self._since = time.monotonic()

    def __exit__(self, *_exc: object) -> None:
        self.seconds += time.monotonic() - self._since
        self._lock.release()


def _due(conn: Conn, space: Space) -> bool:
    return fetch(conn, workers.anything_due(space_id=space.space_id))[0].done
