"""Meters: counts of what each stage has done so far."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator


class MeterReading(msgspec.Struct, frozen=True, kw_only=True):
    """The counts of a stage at one moment.

    `others` are finished or failed things that are not the run's own, see `jobs.stages.share`; `busy_s` is
    over all workers; `rate` is per second, others' included, since the first began.
    """

    done: int
    failed: int
    waiting: int
    busy_s: float
    rate: float
    others: int = 0


class Meter:
    """Counts for one stage; written by its threads, read by progress displays."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._lock = threading.Lock()
        self._done = 0
        self._failed = 0
        self._others = 0
        self._waiting = 0
        self._busy_s = 0.0
        self._began: float | None = None
        self._last = 0.0

    @contextmanager
    def working(self) -> Iterator[None]:
        """Time a piece of work."""
        started = time.monotonic()
        self._begin(started)
        try:
            yield
        finally:
            self.worked(time.monotonic() - started)

    def worked(self, seconds: float) -> None:
        """Add a piece of work timed elsewhere, in seconds."""
        self._begin(time.monotonic() - seconds)
        with self._lock:
            self._busy_s += seconds

    def count(self, *, done: int = 0, failed: int = 0, others: int = 0) -> None:
        """Add finished and failed things, and those that are others'."""
        now = time.monotonic()
        self._begin(now)
        with self._lock:
            self._last = now
            self._done += done
            self._failed += failed
            self._others += others

    def wait_for(self, waiting: int) -> None:
        """Set how many things wait."""
        with self._lock:
            self._waiting = waiting

    def read(self) -> MeterReading:
        """The figures now."""
        with self._lock:
            elapsed = self._last - self._began if self._began is not None else 0.0
            return MeterReading(
                done=self._done,
                failed=self._failed,
                waiting=self._waiting,
                busy_s=round(self._busy_s, 3),
                rate=round((self._done + self._others) / elapsed, 3) if elapsed > 0 else 0.0,
                others=self._others,
            )

    def _begin(self, at: float) -> None:
        with self._lock:
            self._began = at if self._began is None else self._began
