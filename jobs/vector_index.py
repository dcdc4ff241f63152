"""Builds the HNSW index of a space once its vectors are in, while readers and writers go on."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillRunning
from typing import TYPE_CHECKING, Any

from psycopg.errors import QueryCanceled

from db import connect
from db.calls.query import fetch
from db.errors import translated
from db.spaces import embedding

if TYPE_CHECKING:
    from collections.abc import Callable

    import psycopg

    from db.rows import Space

# Two builds of the same index must not meet; "hnsw" in ASCII, the space id is the second key.
LOCK_CLASS = 0x686E7377
POLL_S = 0.5


def build(
    conn: psycopg.Connection[Any],
    space: Space,
    *,
    on_progress: Callable[[str, int, int], None] = lambda _phase, _done, _total: None,
    stopped: Callable[[], bool] = lambda: False,
) -> bool:
    """Build the index of a space unless it is there or somebody else is at it.

    Args:
        conn: autocommit connection of a role that owns the schema.
        space: the space.
        on_progress: called about twice a second with phase, tuples done and tuples in all.
        stopped: asked as often whether to give up; what was built until then is lost.

    Returns:
        Whether this call built it.
    """
    key = (LOCK_CLASS, space.space_id)
    if space.indexed:
        return False
    if conn.execute("SELECT pg_try_advisory_lock(%s, %s)", key).fetchone() != (True,):
        return False
    try:
        fetch(conn, embedding.drop_invalid_index(space_id=space.space_id))
        statement = fetch(conn, embedding.index_statement(space_id=space.space_id))[0].name
        with (
            connect.open_connection(connect.url_of(conn), autocommit=True) as watch,
            ThreadPoolExecutor(1) as pool,
        ):
            running = pool.submit(_execute, conn, statement)
            while True:
                try:
                    running.result(timeout=POLL_S)
                    return True
                except QueryCanceled:
                    return False
                except StillRunning:
                    if stopped():
                        conn.cancel()
                    for row in fetch(watch, embedding.index_progress()):
                        on_progress(row.phase, row.done, row.total)
    finally:
        conn.execute("SELECT pg_advisory_unlock(%s, %s)", key)


def _execute(conn: psycopg.Connection[Any], statement: str) -> None:
    with translated():
        # An HNSW graph that fits into memory builds far faster.
        conn.execute("SET maintenance_work_mem = '1GB'")
        try:
            conn.execute(statement)
        finally:
            if not conn.broken:
                conn.execute("RESET maintenance_work_mem")
