"""Moving the part of a sharded collection, or all of one that is here, to other shards.

Each step is a call of SQL that can be repeated; what has been done is looked up on the servers, so that a
second call goes on wherever the first one stopped.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import msgspec

from db.calls.query import fetch
from db.operations import moves
from jobs.types import silent

if TYPE_CHECKING:
    from jobs.types import Conn, OnStep

# Passes before the part is closed, each copying what was written during the one before; fewer where so little
# differed.
PASSES, LITTLE = 5, 1000
LOOK_S = 0.05


class EndedMove(msgspec.Struct, frozen=True, kw_only=True):
    """A move that has ended.

    Attributes:
        items: compared while the part was closed, and found the same on both sides.
        copied: written to the targets, over all passes of this call.
        queued: vectors that the workers of the targets are to encode.
        closed_s: seconds from closing the part to opening it at its new place; writes to it were refused.
    """

    items: int
    copied: int
    queued: int
    closed_s: float


def move(
    conn: Conn, collection: str, shard: str, targets: list[str], on_step: OnStep = silent
) -> EndedMove:
    """Move what a shard has of a collection to other shards, in equal parts of its slots.

    Searches and writes go on; writes are refused (SG005, send again) while the last pass compares, and so are
    searches for the moment in which one part joins another. The old place is kept until `seogo shard drop`.

    Args:
        conn: to the coordinator, autocommit.
        collection: name.
        shard: which has the part now; `here`: a collection of this database, which is sharded then. Its items
            keep their ids, so that they are deleted here before the move ends.
        targets: shards that have nothing of the collection; or one that has a part, which this one joins.
        on_step: told what is going on, and how many items are done.

    Raises:
        ShardUnavailable: a shard does not answer; the same call goes on later.
        BadRequest: what stands against the move, another session that is at it among that.
    """
    return _Move(conn, collection, shard, targets, on_step).run()


class _Move:
    def __init__(
        self, conn: Conn, collection: str, shard: str, targets: list[str], on_step: OnStep
    ) -> None:
        self._conn, self._targets, self._on_step = conn, targets, on_step
        self._part = {"collection": collection, "shard": shard}
        self._items = self._copied = self._total = 0
        self._closed_at = time.monotonic()  # of a part that was closed before: the start

    def run(self) -> EndedMove:
        """All steps that are not done yet."""
        started = fetch(self._conn, moves.start_move(**self._part, targets=self._targets))
        self._total = started[0].items
        if not started[0].switched:
            self._copy_and_switch(started[0].state)
        self._wait_for_searches()
        self._clear()
        self._on_step("opening the new place", 0, 0)
        queued = fetch(self._conn, moves.end_move(**self._part))[0].n
        closed_s = time.monotonic() - self._closed_at
        return EndedMove(items=self._items, copied=self._copied, queued=queued, closed_s=closed_s)

    def _copy_and_switch(self, state: str) -> None:
        """Copy in passes, close, compare, switch; what another coordinator has moved is only switched."""
        if state == "open":
            for _ in range(PASSES):
                if self._pass("copying", strict=False) <= LITTLE:
                    break
        self._closed_at = time.monotonic()
        if state != "left":
            fetch(self._conn, moves.close_part(**self._part))
            self._pass("comparing, writes are refused", strict=True)
        fetch(self._conn, moves.switch_part(**self._part))

    def _wait_for_searches(self) -> None:
        """Wait for searches that began before the switch: they ask the old place, which answers still."""
        before = self._readers()
        while before & self._readers():
            self._on_step("waiting for searches that began before", 0, 0)
            time.sleep(LOOK_S)

    def _clear(self) -> None:
        """Delete items here that are on shards now, where they were moved from here."""
        done = 0
        while n := fetch(self._conn, moves.clear_moved(**self._part))[0].n:
            done += n
            self._on_step("deleting them here", done, self._total)

    def _readers(self) -> set[str]:
        return set(fetch(self._conn, moves.slot_readers())[0].transactions)

    def _pass(self, what: str, *, strict: bool) -> int:
        """Look at every item once; returns how many differed."""
        after: int | None = 0
        looked = changed = 0
        while after is not None:
            step = fetch(self._conn, moves.copy_part(**self._part, after=after, strict=strict))[0]
            looked += step.looked
            changed += step.copied + step.removed
            self._copied += step.copied
            self._on_step(what, min(looked, self._total), self._total)
            after = step.last
        self._items = looked
        return changed
