"""The index stage: builds HNSW indexes of spaces while readers and writers go on."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillRunning
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from psycopg.errors import QueryCanceled

from db import connect
from db.calls.query import fetch
from db.errors import translated
from db.spaces import embedding
from encoders.runtime.limits import memory
from jobs import weights
from jobs.stages.stage import Stage
from jobs.types import Conn, OnStep, OnText, silent

if TYPE_CHECKING:
    from collections.abc import Callable

    from psycopg.errors import Diagnostic

    from db.spaces.embedding import GraphBuild
    from db.spaces.rows import Space

# Two builds of the same index must not meet; "hnsw" in ASCII, the space id is the second key.
LOCK_CLASS = 0x686E7377
POLL_S = 0.5
LEAST_MEMORY = 1 << 30


@dataclass
class IndexStage(Stage):
    """Builds the vector indexes that are missing, and tidies those of token weights; nothing is ever due.

    `on_progress` is called with space, phase, tuples done and in all; `tell` before and after each index.
    """

    spaces: Callable[[Conn], list[Space]]
    on_progress: Callable[[str, str, int, int], None] = silent
    stopped: Callable[[], bool] = lambda: False
    tell: OnText = silent
    built: list[str] = field(default_factory=list)

    key = "index"

    def step(self, conn: Conn) -> bool:
        """See `Stage`."""
        for space in self.spaces(conn):
            if weights.merge(conn, space):
                self.built.append(space.space)
            self.tell(f"building the index of {space.pinned}")
            on_progress = partial(self.on_progress, space.space)
            if build(conn, space, on_progress=on_progress, stopped=self.stopped, tell=self.tell):
                self.tell(f"index of {space.pinned} built")
                self.built.append(space.space)
        return False


def build(
    conn: Conn,
    space: Space,
    *,
    on_progress: OnStep = silent,
    stopped: Callable[[], bool] = lambda: False,
    tell: OnText = silent,
) -> bool:
    """Build the index of a space unless it exists or is being built.

    The connection's role owns the schema. About twice a second `on_progress` is called with phase, tuples
    done and in all, and `stopped` whether to give up; what was built until then is lost. `tell` gets what the
    server remarks, such as that the graph did not fit into memory and the rest takes longer.

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
        (about,) = fetch(conn, embedding.index_build(space_id=space.space_id))
        with (
            connect.open_connection(connect.url_of(conn), autocommit=True) as watch,
            ThreadPoolExecutor(1) as pool,
        ):
            running = pool.submit(_execute, conn, about, tell)
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


def memory_for(about: GraphBuild, free: int) -> int:
    """Bytes to build a graph in: one that fits is built six times as fast; half of what is free is kept.

    Of another machine nobody knows what is free.
    """
    most = max(LEAST_MEMORY, free // 2) if about.local else LEAST_MEMORY
    return min(max(LEAST_MEMORY, about.graph_bytes * 5 // 4), most)


def _execute(conn: Conn, about: GraphBuild, tell: OnText) -> None:
    def remark(notice: Diagnostic) -> None:
        tell(notice.message_primary or "")

    conn.add_notice_handler(remark)
    with translated():
        size = f"{memory_for(about, memory()[1]) // 1024}kB"
        conn.execute("SELECT set_config('maintenance_work_mem', %s, false)", [size])
        try:
            conn.execute(about.statement)
        finally:
            conn.remove_notice_handler(remark)
            if not conn.broken:
                conn.execute("RESET maintenance_work_mem")
