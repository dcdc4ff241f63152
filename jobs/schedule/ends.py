"""Distinguishing a lost database from a broken queue."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import psycopg

from db import connect
from db.errors import SeogoDbError
from jobs.errors import JobError

if TYPE_CHECKING:
    from db.settings import DbSettings

# So many ends in so many seconds, while the database answers, and it is not the database.
MANY, WITHIN_S = 3, 60.0


class Ends:
    """The unexpected ends of a scheduler's work."""

    def __init__(self, db: DbSettings) -> None:
        """None yet."""
        self._db = db
        self._at: list[float] = []

    async def explain(self, trouble: BaseException | None) -> str:
        """Explain the end of the work.

        `trouble` is what the queue raised; None where it ended without an error.

        Raises:
            JobError: it ends again and again, and the database answers: trying on would not help.
        """
        why = "" if trouble is None else f": {trouble.__cause__ or trouble}"
        lost = await asyncio.to_thread(self._connection_error)
        if lost is not None:
            self._at.clear()
            return f"the database{why or f': {lost}'}"
        now = asyncio.get_running_loop().time()
        self._at = [*(at for at in self._at if now - at < WITHIN_S), now]
        if len(self._at) >= MANY:
            raise JobError(
                f"the queue of tasks ended {MANY} times, and the database answers{why}",
                "the lines above say more; look at `seogo doctor`",
            )
        return f"the queue of tasks ended, and the database answers{why}"

    def _connection_error(self) -> str | None:
        """The error of a connection attempt; None where the database answers."""
        try:
            with connect.session(self._db, vectors=False) as conn:
                conn.execute("SELECT 1")
        except (SeogoDbError, psycopg.Error) as exc:
            return str(exc)
        return None
