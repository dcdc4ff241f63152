"""Streaming replicas: their lag, and which are near enough to the primary to answer searches."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Sequence

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from db import connect
from db.calls.query import afetch
from db.errors import SeogoDbError
from db.operations import replication
from db.settings import DbSettings

log = logging.getLogger("seogo.replicas")

LOOK_S = 0.5
# The primary is there to answer in its place: nobody waits long for a replica.
WAIT_S = 1.0
# A failed attempt to connect is given up after this; the next request then starts a new one at once.
# The pool's own default goes on for minutes with ever longer pauses, in which nobody else tries.
RECONNECT_S = 2.0
REMEMBERED = 1200


def new_pool(settings: DbSettings, url: str) -> AsyncConnectionPool:
    """Create a pool that heals; it is still to be opened."""
    pool = connect.pool(settings, url)
    pool.reconnect_timeout = RECONNECT_S
    return pool


class Replica:
    """One replica: its pool, and how far it is behind."""

    def __init__(self, settings: DbSettings, url: str) -> None:
        parts = conninfo_to_dict(url)
        self.name = f"{parts.get('host', 'localhost')}:{parts.get('port', 5432)}"
        self.pool = new_pool(settings, url)
        self.lag_s: float | None = None


class Replicas:
    """All replicas, watched while they are open.

    The lag of a replica is the age of the oldest thing on the primary that it does not have yet, by
    this process's own clock: times of the servers need not agree, and a replica that has lost its
    primary does not look fresh. While the primary does not answer, a replica that had all is asked.
    """

    def __init__(self, settings: DbSettings) -> None:
        self._settings = settings
        self._all = [Replica(settings, url) for url in connect.replica_urls(settings)]
        self._seen: deque[tuple[float, int]] = deque(maxlen=REMEMBERED)
        self._turn = 0
        self._watcher: asyncio.Task[None] | None = None

    async def open(self, primary: AsyncConnectionPool) -> None:
        """Open the pools without waiting, and begin to watch."""
        for replica in self._all:
            await replica.pool.open(wait=False)
        if self._all:
            self._watcher = asyncio.create_task(self._watch(primary))

    async def close(self) -> None:
        """Stop watching and close the pools."""
        if self._watcher is not None:
            self._watcher.cancel()
            await asyncio.gather(self._watcher, return_exceptions=True)
        for replica in self._all:
            await replica.pool.close()

    def usable(self) -> list[Replica]:
        """Those near enough, in turns."""
        most = self._settings.replica_max_lag_s
        near = [one for one in self._all if one.lag_s is not None and one.lag_s <= most]
        self._turn += 1
        at = self._turn % len(near) if near else 0
        return near[at:] + near[:at]

    def lags(self) -> Sequence[tuple[str, float | None]]:
        """Name and lag in seconds of each; None: it does not answer, or is no replica."""
        return [(replica.name, replica.lag_s) for replica in self._all]

    async def _watch(self, primary: AsyncConnectionPool) -> None:
        while True:
            if (written := await _position(primary, replica=False)) is not None:
                self._seen.append((time.monotonic(), written))
            for replica in self._all:
                self._note(replica, await _position(replica.pool, replica=True))
            await asyncio.sleep(LOOK_S)

    def _note(self, replica: Replica, replayed: int | None) -> None:
        before, replica.lag_s = replica.lag_s, self._lag(replayed)
        if (before is None) != (replica.lag_s is None):
            state = "does not answer" if replica.lag_s is None else "answers"
            log.warning("replica %s %s", replica.name, state)

    def _lag(self, replayed: int | None) -> float | None:
        if replayed is None or not self._seen:
            return None
        lacking = [at for at, written in self._seen if written > replayed]
        return time.monotonic() - lacking[0] if lacking else 0.0


async def _position(pool: AsyncConnectionPool, *, replica: bool) -> int | None:
    """The position of the write-ahead log: written, or replayed; None where the server does not say."""
    try:
        async with pool.connection(timeout=WAIT_S) as conn:
            async with asyncio.timeout(WAIT_S):
                found = (await afetch(conn, replication.position()))[0]
    except (SeogoDbError, psycopg.Error, PoolTimeout, TimeoutError):
        return None
    return found.position if found.replica == replica else None
