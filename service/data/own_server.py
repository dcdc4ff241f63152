"""Restarts of the embedded server when it dies."""

import asyncio
import logging

from litestar.concurrency import sync_to_thread

from db.errors import EmbeddedUnavailable
from db.server import embedded
from db.settings import DbSettings

log = logging.getLogger("seogo.database")

LOOK_S = 1.0


async def keep_running(settings: DbSettings) -> None:
    """Start the embedded server whenever it is found dead, until cancelled; the pool heals by itself.

    Returns at once where the server is somebody else's (SEOGO_DATABASE_URL).
    """
    if settings.database_url is not None:
        return
    home = settings.home_path
    while True:
        await asyncio.sleep(LOOK_S)
        if await sync_to_thread(embedded.is_running, home):
            continue
        log.warning("the embedded PostgreSQL under %s is down: starting it", home)
        try:
            await sync_to_thread(embedded.ensure, home)
        except EmbeddedUnavailable as exc:
            log.error("%s", exc)
