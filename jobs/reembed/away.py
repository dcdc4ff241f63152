"""Generations of spaces whose items are on shards: queued and encoded there."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

from db.calls.query import fetch
from db.calls.retries import retry_on_conflict
from db.operations import workers
from db.spaces import generations
from jobs.errors import JobError

if TYPE_CHECKING:
    from db.spaces.rows import Space
    from jobs.types import Conn, OnStep

PAUSE_S = 0.5


class NoWorkerThere(JobError):
    """A generation is not complete on a shard that has no worker."""


def enqueue_away(conn: Conn, space_id: int, tell: OnStep) -> int:
    """Queue every item on shards whose vectors in a generation are stale; returns how many."""
    queued = looked = 0
    pages: dict[str, int] | None = None
    while pages is not None or not looked:
        step = workers.enqueue_on_shards(space_id=space_id, pages=pages)
        page = retry_on_conflict(partial(fetch, conn, step))[0]
        pages, queued, looked = page.next, queued + page.queued, looked + 1
        tell("shards compare vectors with their content", looked, 0)
    return queued


def await_encoded(conn: Conn, building: Space, tell: OnStep) -> int:
    """Wait until the workers of shards have encoded and indexed what is there; returns how many items failed.

    A generation is judged by what both have vectors of: half of one would look worse than it is.

    Raises:
        NoWorkerThere: items, or an index, wait where no worker is.
    """
    first = 0
    while True:
        parts = fetch(conn, generations.progress_away(space_id=building.space_id))
        waiting = sum(part.waiting for part in parts)
        left = [part for part in parts if part.waiting or part.index_waits]
        if not left:
            return sum(part.failed for part in parts)
        idle = [
            f"{part.waiting:,} items on {part.shard}"
            if part.waiting
            else f"the index on {part.shard}"
            for part in left
            if not part.workers
        ]
        if idle:
            raise NoWorkerThere(
                f"{building.pinned} waits to be completed where no worker is: {', '.join(idle)}",
                "run `seogo worker` with SEOGO_DATABASE_URL of each, and the model in the same folder; then"
                f" `seogo reembed switch --space {building.space}`",
            )
        first = max(first, waiting)
        what = "encode" if waiting else "build the index"
        tell(f"workers of shards {what}", first - waiting, first)
        time.sleep(PAUSE_S)
