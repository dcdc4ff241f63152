"""The service's way to the database: one pool that heals, one way to run a query."""

from typing import TypeVar

import msgspec
from litestar.concurrency import sync_to_thread
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from db import connect, migrate
from db.errors import ServerUnreachable, translated
from db.query import Query, afetch
from db.settings import DbSettings

T = TypeVar("T")

# A failed attempt is given up after this; the next request then starts a new one at once. The
# pool's own default goes on for minutes with ever longer pauses, in which nobody else tries.
RECONNECT_S = 2.0


class Database:
    """Owns the pool between `open` and `close`."""

    def __init__(self, settings: DbSettings, wait_s: float) -> None:
        self._settings = settings
        self._wait_s = wait_s
        self._pool: AsyncConnectionPool | None = None

    @property
    def settings(self) -> DbSettings:
        """The settings, with the URL that is in use once the database is open."""
        return self._settings

    async def open(self) -> None:
        """Resolve the URL and open the pool, without waiting for an external server.

        The embedded server is ours alone: it is started and brought up to date here.

        Raises:
            BadSettings: the URL is not one.
            EmbeddedUnavailable: there is no URL and no embedded server.
        """
        url = await sync_to_thread(connect.database_url, self._settings)
        if self._settings.database_url is None:
            await sync_to_thread(migrate.upgrade, url)
            self._settings = msgspec.structs.replace(self._settings, database_url=url)
        self._pool = connect.pool(self._settings, url)
        self._pool.reconnect_timeout = RECONNECT_S
        await self._pool.open(wait=False)

    async def close(self) -> None:
        """Close the pool."""
        if self._pool is not None:
            await self._pool.close()

    async def fetch(self, query: Query[T]) -> list[T]:
        """Run one query on a pooled connection.

        Raises:
            ServerUnreachable: no connection in time, or it broke.
            SeogoDbError: what `db.errors` makes of the server's answer.
        """
        if self._pool is None:
            raise ServerUnreachable("the database is not open yet")
        try:
            with translated():
                async with self._pool.connection(timeout=self._wait_s) as conn:
                    return await afetch(conn, query)
        except ServerUnreachable as exc:
            if isinstance(exc.__cause__, PoolTimeout):
                raise ServerUnreachable(
                    f"no database connection within {self._wait_s:g} s",
                    "the server is down or all connections are busy: see /ready; try again later",
                ) from exc
            raise
