"""The base of the stages that read pictures: claims ahead, lets helpers read, stores the results."""

from __future__ import annotations

from abc import abstractmethod
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import psycopg

from db.calls.query import fetch
from db.calls.retries import retry_on_conflict
from db.errors import BadRequest, SeogoDbError, ShardUnavailable
from db.operations import readings
from jobs.errors import reason
from jobs.stages.stage import IDLE_S, Stage

if TYPE_CHECKING:
    from db.calls.query import Query
    from db.operations.readings import ClaimedReading, Kind
    from jobs.stages.progress import Meter
    from jobs.stages.share import Tally
    from jobs.types import Conn

R = TypeVar("R")


class PictureStage(Stage, Generic[R]):
    """Reads every picture that waits for one kind of reader; R is the result of a helper."""

    key: Kind

    def __init__(self, meter: Meter, share: Tally) -> None:
        """`share` decides which pictures count as the run's own."""
        self._meter = meter
        self._share = share
        self._jobs: dict[Future[R], ClaimedReading] = {}

    def step(self, conn: Conn) -> bool:
        """See `Stage`."""
        self._fill(conn)
        if not self._jobs:
            return False
        done, _ = wait(self._jobs, timeout=IDLE_S, return_when=FIRST_COMPLETED)
        for job in done:
            if claimed := self._jobs.pop(job, None):
                self._finish(conn, claimed, job)
        return True

    def due(self, conn: Conn) -> bool:
        """See `Stage`."""
        return fetch(conn, readings.due_readings(kind=self.key))[0].n > 0

    def measure(self, conn: Conn) -> None:
        """See `Stage`."""
        self._meter.wait_for(self._share.waiting_pictures(conn, self.key))

    def release(self, conn: Conn) -> None:
        """See `Stage`."""
        left = [claimed.picture_id for claimed in self._unfinished()]
        self._jobs.clear()
        try:
            if left:
                with suppress(SeogoDbError):  # a lease ends with its session anyway
                    fetch(conn, readings.release_readings(kind=self.key, picture_ids=left))
        finally:
            self._shutdown()

    @abstractmethod
    def _fill(self, conn: Conn) -> None:
        """Claim pictures and hand them to helpers, as many as these have room for."""

    @abstractmethod
    def _finish(self, conn: Conn, claimed: ClaimedReading, job: Future[R]) -> None:
        """Store the result of a helper, or the failure."""

    @abstractmethod
    def _shutdown(self) -> None:
        """End the helpers."""

    def _unfinished(self) -> list[ClaimedReading]:
        return list(self._jobs.values())

    def _claim(self, conn: Conn, room: int) -> list[ClaimedReading]:
        return fetch(conn, readings.claim_readings(kind=self.key, batch_n=room))

    def _store(self, conn: Conn, claimed: ClaimedReading, query: Query[Any]) -> None:
        """Store a result; one that the database cannot keep, or not now, is a failure of the picture."""
        try:
            retry_on_conflict(partial(fetch, conn, query))
        except (BadRequest, ShardUnavailable, psycopg.DataError) as exc:
            self._fail(conn, claimed, reason(exc))
        else:
            self._share.picture(conn, self._meter, claimed, done=1)

    def _fail(self, conn: Conn, claimed: ClaimedReading, why: str) -> None:
        ids = [claimed.picture_id]
        fetch(conn, readings.fail_readings(kind=self.key, picture_ids=ids, error=why))
        self._share.picture(conn, self._meter, claimed, failed=1)
