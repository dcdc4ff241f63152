"""Counting the work of stages: all of it, or the share of one run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from db.calls.query import fetch
from db.operations import readings, run_share, runs
from db.spaces import embedding

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from db.operations.readings import ClaimedPicture, Kind
    from db.spaces.rows import Space
    from jobs.embed import EmbedReport
    from jobs.stages.progress import Meter
    from jobs.types import Conn

    Claims = Mapping[int, datetime]


class Tally:
    """Counts all work, for stages that run for ever."""

    def items(
        self, conn: Conn, meter: Meter, space: Space, claims: Claims, report: EmbedReport
    ) -> None:
        """Count the items of a batch that is done."""
        meter.count(done=report.stored, failed=report.failed)

    def picture(self, conn: Conn, meter: Meter, claimed: ClaimedPicture, **what: int) -> None:
        """Count a picture, as `done` or `failed`."""
        meter.count(**what)

    def waiting_items(self, conn: Conn, space: Space) -> int:
        """Count the items that wait for a space, or are being encoded."""
        return fetch(conn, embedding.unfinished(space_id=space.space_id))[0].n

    def waiting_pictures(self, conn: Conn, kind: Kind) -> int:
        """Count the pictures that wait for a reader, or are being read."""
        return fetch(conn, readings.unfinished(kind=kind))[0].n


class Share(Tally):
    """Counts the items of a run's collection queued since it began; without a collection, all items.

    An item that is queued again, for what was read on its pictures, is counted once.
    """

    def __init__(self) -> None:
        self._done: dict[str, set[int]] = {}
        self._run: dict[str, Any] = {}

    def begin(self, conn: Conn, run_id: int | None) -> None:
        """Count for this run; None: for no run."""
        for run in fetch(conn, runs.get(run_id=run_id)) if run_id is not None else ():
            if isinstance(collection := run.args.get("collection"), str):
                self._run = {"collection": collection, "since": run.started_at}

    def items(
        self, conn: Conn, meter: Meter, space: Space, claims: Claims, report: EmbedReport
    ) -> None:
        """Count those of a batch that are the run's, the rest as others'."""
        collection = self._run.get("collection")
        query = run_share.items(
            item_ids=list(claims), space_id=space.space_id, collection=collection
        )
        found = fetch(conn, query)
        own = [one for one in found if one.own and self._is_new(claims[one.item_id])]
        done = self._done.setdefault(space.space, set())
        before = len(done)
        done.update(one.item_id for one in own if not one.failed)
        failed = sum(one.failed for one in own)
        meter.count(done=len(done) - before, failed=failed, others=len(found) - len(own))

    def picture(self, conn: Conn, meter: Meter, claimed: ClaimedPicture, **what: int) -> None:
        """Count a picture as the run's, or as others'."""
        own = not self._run
        if self._run and self._is_new(claimed.enqueued_at):
            query = run_share.picture(
                picture_id=claimed.picture_id, collection=self._run["collection"]
            )
            own = fetch(conn, query)[0].n > 0
        meter.count(**(what if own else {"others": 1}))

    def waiting_items(self, conn: Conn, space: Space) -> int:
        """Count the run's items that wait for a space, or are being encoded."""
        if not self._run:
            return super().waiting_items(conn, space)
        return fetch(conn, run_share.waiting_items(space_id=space.space_id, **self._run))[0].n

    def waiting_pictures(self, conn: Conn, kind: Kind) -> int:
        """Count the run's pictures that wait for a reader, or are being read."""
        if not self._run:
            return super().waiting_pictures(conn, kind)
        return fetch(conn, run_share.waiting_pictures(kind=kind, **self._run))[0].n

    def _is_new(self, enqueued_at: datetime) -> bool:
        return not self._run or enqueued_at >= self._run["since"]
