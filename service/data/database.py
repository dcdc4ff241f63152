"""Database access of the service: pools that heal, and queries with the rights of the caller."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any, TypeVar

import msgspec
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency
from psycopg import AsyncConnection
from psycopg.errors import (
    DeadlockDetected,
    InsufficientPrivilege,
    InvalidParameterValue,
    SerializationFailure,
)
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from db import connect, migrate
from db.calls.query import Query, afetch, afetch_entered
from db.calls.steps import Steps, arun
from db.errors import SchemaOutdated, ServerUnreachable, UnknownName, translated
from db.search import listing
from db.search.listing import KeptRanking
from db.settings import DbSettings
from service.auth.callers import Caller
from service.data.replicas import WAIT_S, Replicas, new_pool
from service.errors import Overloaded
from service.limits.lanes import LONG_S, Lanes
from service.limits.turns import Turns

T = TypeVar("T")
log = logging.getLogger("seogo.database")

ATTEMPTS = 5
# Connections that are the service's own: for keys, rates and spaces, which no caller can take.
OWN = 2
# What a replica says when it is gone, is a little behind, or had to make room for what it replays.
NOT_THERE = (ServerUnreachable, UnknownName, SchemaOutdated, SerializationFailure)

# The role and the collections of a caller, for one transaction: a reader writes nothing, and a policy
# hides the collections that are not the caller's. Callers without a key, on this machine, have a role
# too: the owner, who may be a superuser, serves nobody. The setting is ours to make because callers send
# no SQL; a login that does could make it itself, and is not confined by it.
_ENTER = (
    "SELECT set_config('seogo.collections', %(collections)s, true),"
    " set_config('transaction_read_only', %(read_only)s, true), set_config('role', %(role)s, true),"
    " set_config('statement_timeout', %(timeout)s, true)"
)


class Database:
    """Owns the pools between `open` and `close`: one for callers, one for the service itself.

    A key gets a third of the callers' connections, those who write half of them together. What a
    caller waits for is cancelled when the caller leaves.
    """

    def __init__(self, settings: DbSettings, wait_s: float, lanes: Lanes | None = None) -> None:
        self._settings = settings
        self._wait_s = wait_s
        self._lanes = lanes
        self._pool: AsyncConnectionPool | None = None
        self._own: AsyncConnectionPool | None = None
        self._turns = Turns(
            all_keys=settings.pool_max,
            per_key=max(1, settings.pool_max // 3),
            wait_s=wait_s,
            used=lanes.used if lanes is not None else lambda _: 0.0,
        )
        self._writers = asyncio.Semaphore(max(1, settings.pool_max // 2))
        self.replicas = Replicas(settings)

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
        self._pool = new_pool(self._settings, url)
        self._own = new_pool(msgspec.structs.replace(self._settings, pool_max=OWN), url)
        for pool in (self._pool, self._own):
            await pool.open(wait=False)
        await self.replicas.open(self._pool)

    async def close(self) -> None:
        """Close the pools."""
        await self.replicas.close()
        for pool in (self._pool, self._own):
            if pool is not None:
                await pool.close()

    async def fetch(self, query: Query[T], caller: Caller | None = None) -> list[T]:
        """Run one query on a pooled connection.

        Args:
            query: what to run.
            caller: on whose behalf, with whose rights; None: on the service's own.

        Raises:
            ServerUnreachable: no connection in time, or it broke.
            SeogoDbError: what `db.errors` makes of the server's answer.
        """
        if caller is None:
            return await self._fetch(query, None)
        async with self._turns.held(caller.bucket):
            return await self._unless_long(self._fetch(query, caller))

    async def _fetch(self, query: Query[T], caller: Caller | None) -> list[T]:
        if query.reads:
            for replica in self.replicas.usable():
                try:
                    async with _pooled(replica.pool, WAIT_S) as conn:
                        return await self._fetch_as(conn, query, caller, read_only=True)
                except NOT_THERE as exc:
                    log.info("replica %s: %s; asking another", replica.name, exc)
        pool = self._own if caller is None else self._pool
        async with _pooled(pool, self._wait_s) as conn:
            return await self._fetch_as(conn, query, caller)

    async def _unless_long(self, work: Coroutine[Any, Any, list[T]]) -> list[T]:
        """Wait for rows; a query that turns out to be long goes on only while few others are."""
        if self._lanes is None:
            return await work
        task = asyncio.create_task(work)
        try:
            await asyncio.wait([task], timeout=LONG_S)
            if not task.done() and not self._lanes.costly():
                raise Overloaded(
                    "the query is costly, and so are others that are under way",
                    "Try again later, or ask for less: a narrower filter, fewer hits.",
                )
            return await task
        finally:
            task.cancel()
            await asyncio.wait([task])  # the connection is given back before the turn

    async def run(self, make_steps: Callable[[], Steps[T]], caller: Caller) -> T:
        """Run steps in one transaction on a caller's behalf.

        Where it is rolled back to end a deadlock it begins anew: the other one has gone on.

        Args:
            make_steps: makes the steps, anew for each attempt.
            caller: with whose rights.

        Raises:
            Exception: as `fetch`.
        """
        for attempt in range(ATTEMPTS):
            try:
                async with (
                    self._turns.held(caller.bucket),
                    self._writers,
                    _pooled(self._pool, self._wait_s) as conn,
                    conn.transaction(),
                ):
                    with _rights_explained(caller):
                        await conn.execute(_ENTER, self._rights(caller))
                        return await arun(conn, make_steps())
            except (DeadlockDetected, SerializationFailure):
                if attempt == ATTEMPTS - 1:
                    raise
        raise AssertionError("unreachable")

    async def _fetch_as(
        self,
        conn: AsyncConnection[Any],
        query: Query[T],
        caller: Caller | None,
        *,
        read_only: bool = False,
    ) -> list[T]:
        if caller is None:
            return await afetch(conn, query)
        with _rights_explained(caller):
            rights = self._rights(caller, read_only=read_only)
            return await afetch_entered(conn, query, _ENTER, rights)

    def _rights(self, caller: Caller, *, read_only: bool = False) -> dict[str, str]:
        """A caller's rights, or of these those to read, as `_ENTER` takes them."""
        settings, reads = self._settings, caller.scope == "reader"
        limit_s = settings.reader_limit_s if reads else settings.statement_timeout_s
        return {
            "role": caller.role,
            "collections": ",".join(caller.collections or ()),
            "read_only": "on" if read_only or reads else "off",
            "timeout": f"{limit_s}s",
        }


@contextmanager
def _rights_explained(caller: Caller) -> Iterator[None]:
    """Explain errors of taking a role; nobody is served as the owner instead.

    Raises:
        SchemaOutdated: the server refused the role.
    """
    try:
        yield
    except (InvalidParameterValue, InsufficientPrivilege) as exc:
        if caller.role not in (exc.diag.message_primary or ""):
            raise
        raise SchemaOutdated(
            f"the service cannot act in the role {caller.role}: {exc.diag.message_primary}",
            "`seogo db check` on the machine of the service says how to mend it",
        ) from exc


@asynccontextmanager
async def _pooled(
    pool: AsyncConnectionPool | None, wait_s: float
) -> AsyncIterator[AsyncConnection[Any]]:
    if pool is None:
        raise ServerUnreachable("the database is not open yet")
    try:
        with translated():
            async with pool.connection(timeout=wait_s) as conn:
                yield conn
    except ServerUnreachable as exc:
        if isinstance(exc.__cause__, PoolTimeout):
            raise ServerUnreachable(
                f"no database connection within {wait_s:g} s",
                "the server is down or all connections are busy: see /ready; try again later",
            ) from exc
        raise


class CallersDatabase:
    """The database as one caller may see and change it."""

    def __init__(self, database: Database, caller: Caller) -> None:
        self._database = database
        self.caller = caller

    async def fetch(self, query: Query[T]) -> list[T]:
        """Run one query with the caller's rights; raises as `Database.fetch`."""
        return await self._database.fetch(query, self.caller)

    async def one(self, query: Query[T], missing: Exception) -> T:
        """The first row of a query; raises `missing` where there is none, else as `fetch`."""
        for row in await self.fetch(query):
            return row
        raise missing

    async def keep_ranking(
        self, collection: str, question: str, hits: Sequence[Mapping[str, Any]]
    ) -> str:
        """Keep a ranking that the caller has read; a reader writes nothing, so the service does."""
        query = listing.keep_ranking(
            owner=self.caller.bucket, collection=collection, question=question, hits=hits
        )
        return (await self._database.fetch(query))[0].id

    async def read_ranking(
        self, collection: str, ranking: str, skip: int, k: int
    ) -> KeptRanking | None:
        """Read a page of a ranking that this caller keeps; None where there is none."""
        query = listing.read_ranking(
            owner=self.caller.bucket, collection=collection, id=ranking, skip=skip, k=k
        )
        return next(iter(await self._database.fetch(query)), None)

    async def run(self, make_steps: Callable[[], Steps[T]]) -> T:
        """Run steps in one transaction with the caller's rights; see `Database.run`."""
        return await self._database.run(make_steps, self.caller)


# As handlers take it.
Db = NamedDependency[CallersDatabase]
