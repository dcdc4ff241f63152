"""Dropping a generation with short lock waits."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

from psycopg.errors import LockNotAvailable

from db.calls.query import fetch
from db.errors import UnknownName
from db.spaces import generations
from jobs.errors import JobError

if TYPE_CHECKING:
    from collections.abc import Callable

    from db.rows import Space
    from jobs.types import Conn, OnStep

T = TypeVar("T")

ATTEMPTS = 60
PAUSE_S = 0.5
# Whoever waits for a strong lock holds up those behind: rather give up soon and come back, the more
# patiently the more is going on.
FIRST_WAIT_MS = 50
LONGEST_WAIT_MS = 2000


def drop(conn: Conn, *, space: str, generation: int, tell: OnStep) -> Space:
    """Drop a generation that is building or retired, its table as a whole.

    Interrupted, it goes on where it was.

    The connection's role owns the schema.

    Raises:
        UnknownName: no such generation.
        BadRequest: it is live, or was a moment ago.
        JobError: the tables were locked all the time.
    """
    every = fetch(conn, generations.of_space(space=space))
    found = next((s for s in every if s.generation == generation), None)
    if found is None:
        raise UnknownName(f"there is no {space}@{generation}", "see `seogo reembed status`")
    space_id = found.space_id
    gone = 0
    while step := fetch(conn, generations.discard(space_id=space_id))[0].n:
        gone += step
        tell("deleting what waits and windows", gone, 0)
    tell("taking its table out", 0, 0)
    _patiently(conn, lambda: _detach(conn, space_id))
    tell("dropping its table", 0, 0)
    removal = generations.remove(space_id=space_id)
    while not _patiently(conn, lambda: fetch(conn, removal)[0].done):
        pass
    return found


def _detach(conn: Conn, space_id: int) -> None:
    for pending in fetch(conn, generations.attached(space_id=space_id)):
        generations.detach(conn, space_id=space_id, finalize=pending.done)


def _patiently(conn: Conn, step: Callable[[], T]) -> T:
    wait_ms = FIRST_WAIT_MS
    try:
        for _ in range(ATTEMPTS):
            conn.execute("SELECT set_config('lock_timeout', %s, false)", (f"{wait_ms}ms",))
            try:
                return step()
            except LockNotAvailable:
                wait_ms = min(wait_ms * 5 // 4, LONGEST_WAIT_MS)
                time.sleep(PAUSE_S)
    finally:
        conn.execute("RESET lock_timeout")
    hint = "look at pg_stat_activity and run this again"
    raise JobError("the tables were locked all the time", hint)
