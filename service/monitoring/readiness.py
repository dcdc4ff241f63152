"""Readiness checks: the database, its schema, and the encoders."""

import asyncio
import logging
import math
import time
from concurrent.futures import ThreadPoolExecutor

import psycopg

from db import connect, migrate
from db.errors import SeogoDbError, ServerUnreachable, translated
from db.settings import DbSettings
from db.spaces import embedding
from db.spaces.rows import Space
from flows.errors import LegUnavailable
from service.data.database import Database
from service.models.query_vectors import QueryEncoders
from service.monitoring.schemas import HealthCheck

log = logging.getLogger("seogo.service")

# A probe asks often and must be answered soon, also while an encoder loads.
PROBE_WAIT_S = 2.0
# Anybody may ask as often as they like.
TTL_S = 0.5
# Who asks is answered within so long, by an answer that is so old at most.
ANSWER_S = 3.0
TRUSTED_S = 30.0


class Readiness:
    """Checks the database, the schema, and the encoder of every live space."""

    def __init__(self, database: Database, encoders: QueryEncoders) -> None:
        self._database = database
        self._encoders = encoders
        self._under_way: asyncio.Task[list[HealthCheck]] | None = None
        self._last: tuple[list[HealthCheck], float] | None = None
        # A thread of its own: whatever others wait for, this goes on.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="seogo-ready")

    async def checks(self) -> list[HealthCheck]:
        """All checks; those that depend on a failed one are left out.

        Anybody may ask, and each look takes a connection of its own: who comes while one is under
        way, or soon after, shares it. Where a look takes long, the answer is that of the one before.
        """
        last, at = self._last or ([], -math.inf)
        if time.monotonic() - at < TTL_S:
            return last
        if self._under_way is None or self._under_way.done():
            self._under_way = asyncio.create_task(self._look())
        try:
            async with asyncio.timeout(ANSWER_S):
                return await asyncio.shield(self._under_way)
        except TimeoutError:
            if time.monotonic() - at < TRUSTED_S:
                return last
            return [HealthCheck("database", ok=False, detail="PostgreSQL does not answer in time")]

    def close(self) -> None:
        """Stop the thread."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _look(self) -> list[HealthCheck]:
        found = await self._check_all()
        self._last = (found, time.monotonic())
        return found

    async def _check_all(self) -> list[HealthCheck]:
        reached = await self._check_database()
        if not all(check.ok for check in reached):
            return reached
        try:
            spaces = await self._database.fetch(embedding.live_spaces())
        except SeogoDbError as exc:
            return [*reached, HealthCheck("spaces", ok=False, detail=str(exc))]
        return [*reached, *[await self._check_encoder(space) for space in spaces]]

    async def preload(self) -> None:
        """Load the encoders of all live spaces; what fails is logged and tried again later."""
        try:
            spaces = await self._database.fetch(embedding.live_spaces())
        except (SeogoDbError, psycopg.Error) as exc:
            log.warning("encoders are not preloaded: %s", exc)
            return
        await self._encoders.preload(spaces)

    async def _check_database(self) -> list[HealthCheck]:
        settings = self._database.settings
        if settings.database_url is None:
            return [HealthCheck("database", ok=False, detail="not open yet")]
        try:
            loop = asyncio.get_running_loop()
            pending = await loop.run_in_executor(self._thread, _pending, settings)
        except ServerUnreachable as exc:
            # The server's words name hosts and users: they are for the log, not for any caller.
            log.warning("not ready: %s", exc)
            return [HealthCheck("database", ok=False, detail="PostgreSQL does not answer")]
        except (SeogoDbError, psycopg.Error) as exc:
            log.warning("not ready: %s", exc)
            return [HealthCheck("schema", ok=False, detail=type(exc).__doc__)]
        detail = f"run `seogo db upgrade`: {', '.join(pending[:5])}" if pending else None
        schema = HealthCheck("schema", ok=not pending, detail=detail)
        return [HealthCheck("database", ok=True), schema]

    async def _check_encoder(self, space: Space) -> HealthCheck:
        name = f"encoder:{space.space}"
        try:
            async with asyncio.timeout(PROBE_WAIT_S):
                await self._encoders.load(space)
        except TimeoutError:
            return HealthCheck(name, ok=False, detail=f"{space.encoder} is loading")
        except LegUnavailable as exc:
            return HealthCheck(name, ok=False, detail=str(exc))
        return HealthCheck(name, ok=True)


def _pending(settings: DbSettings) -> list[str]:
    with connect.session(settings, vectors=False) as conn, translated():
        return migrate.pending(conn)
