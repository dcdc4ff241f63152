"""What a run counts as its own: the queues hold what others have brought as well."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from db.calls.query import fetch
from db.operations import readings, run_share, runs
from db.spaces import embedding

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    import psycopg

    from db.operations.readings import ClaimedReading, Kind
    from db.rows import Space
    from jobs.stages.progress import Meter

    Conn = psycopg.Connection[Any]


class Share(msgspec.Struct, frozen=True):
    """Items of a collection that were queued since a run began; without a collection: everything.

    An item that is queued again, for what was read on its pictures, is counted once: see `items`.
    """

    collection: str | None = None
    since: datetime | None = None
    _done: dict[str, set[int]] = msgspec.field(default_factory=dict)

    def items(self, conn: Conn, meter: Meter, space: Space, claims: Mapping[int, datetime]) -> None:
        """Count items that a stage has been given and is done with."""
        found = fetch(
            conn,
            run_share.items(
                item_ids=list(claims), space_id=space.space_id, collection=self.collection
            ),
        )
        own = [one for one in found if one.own and self._new(claims[one.item_id])]
        done = self._done.setdefault(space.space, set())
        before = len(done)
        done.update(one.item_id for one in own if not one.failed)
        failed = sum(one.failed for one in own)
        meter.count(done=len(done) - before, failed=failed, others=len(found) - len(own))

    def picture(self, conn: Conn, meter: Meter, claimed: ClaimedReading, **what: int) -> None:
        """Count a picture that a stage has been given, as `done` or `failed`."""
        own = self.collection is None
        if self.collection is not None and self._new(claimed.enqueued_at):
            query = run_share.picture(picture_id=claimed.picture_id, collection=self.collection)
            own = fetch(conn, query)[0].n > 0
        meter.count(**(what if own else {"others": 1}))

    def waiting_items(self, conn: Conn, space: Space) -> int:
        """How many items wait for a space, or are being encoded."""
        if self.collection is None or self.since is None:
            return fetch(conn, embedding.unfinished(space_id=space.space_id))[0].n
        about: dict[str, Any] = {"collection": self.collection, "since": self.since}
        return fetch(conn, run_share.waiting_items(space_id=space.space_id, **about))[0].n

    def waiting_pictures(self, conn: Conn, kind: Kind) -> int:
        """How many pictures wait for a reader, or are being read."""
        if self.collection is None or self.since is None:
            return fetch(conn, readings.unfinished(kind=kind))[0].n
        about: dict[str, Any] = {"collection": self.collection, "since": self.since}
        return fetch(conn, run_share.waiting_pictures(kind=kind, **about))[0].n

    def _new(self, enqueued_at: datetime) -> bool:
        return self.since is None or enqueued_at >= self.since


def of_run(conn: Conn, run_id: int | None) -> Share:
    """The share of a run: of the collection that it loads; of whoever has none, everything."""
    if run_id is None:
        return Share()
    (run,) = fetch(conn, runs.get(run_id=run_id))
    collection = run.args.get("collection")
    return Share(collection, run.started_at) if isinstance(collection, str) else Share()
