"""Events of runs while they go on."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import msgspec
import psycopg
from litestar.response import ServerSentEventMessage

from db.errors import SeogoDbError
from db.operations import runs
from db.operations.runs import Run
from service.data.database import CallersDatabase
from service.errors import NoSuchRun, ServiceError

log = logging.getLogger("seogo.service")

LOOK_S = 1.0
# Proxies cut connections on which nothing happens, often after half a minute.
PING_S = 15.0
# Browsers come back by themselves; what forgot to leave does not stay for ever.
LONGEST_S = 3600.0


async def find_run(database: CallersDatabase, run_id: int) -> Run:
    """Find a run.

    Raises:
        NoSuchRun: there is none.
    """
    missing = NoSuchRun(f"unknown run: {run_id}", "GET /runs lists them.")
    return await database.one(runs.get(run_id=run_id), missing)


async def events(
    database: CallersDatabase, run: Run, admitted: Callable[[], Awaitable[None]]
) -> AsyncIterator[ServerSentEventMessage]:
    """`progress` with the run whenever it changed, `end` with it when it is over.

    `admitted` raises once the key has ended.
    """
    began = sent_at = time.monotonic()
    sent: Run | None = None
    while run.state == "running" and time.monotonic() - began < LONGEST_S:
        if run != sent:
            yield _event("progress", run)
            sent, sent_at = run, time.monotonic()
        elif time.monotonic() - sent_at > PING_S:
            yield ServerSentEventMessage(data=None, comment="still there")
            sent_at = time.monotonic()
        await asyncio.sleep(LOOK_S)
        try:
            await admitted()
            run = await find_run(database, run.run_id)
        except (SeogoDbError, psycopg.Error, ServiceError) as exc:
            # The answer has begun: all that is left is to end it, and the browser asks again.
            log.warning("watching run %s ended: %s", run.run_id, exc)
            return
    if run.state != "running":
        yield _event("end", run)


def _event(name: str, run: Run) -> ServerSentEventMessage:
    return ServerSentEventMessage(event=name, data=msgspec.json.encode(run))
