"""Maintenance of a coordinator's shards, each over a connection of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from db import connect
from db.calls.query import fetch
from db.errors import SeogoDbError
from db.operations import backups
from jobs import maintain
from jobs.errors import JobError
from jobs.types import silent

if TYPE_CHECKING:
    from collections.abc import Callable

    from jobs.maintain import MaintenanceReport
    from jobs.types import Conn


class ShardsUnkept(JobError):
    """Shards were not maintained."""


def keep_shards(
    conn: Conn,
    on_step: Callable[[str, int], None],
    told: Callable[[str, MaintenanceReport], None] = silent,
    *,
    collection: str | None = None,
) -> None:
    """Do the maintenance of each shard: what writers left there is merged, changed indexes are built.

    Args:
        conn: to the coordinator, as the owner, who sees the addresses.
        on_step: gets the shard with the step under way, and how many things it took on.
        told: gets each shard with its report.
        collection: only the lexical indexes of this one.

    Raises:
        ShardsUnkept: some do not answer from here, or failed; the others are done.
    """
    troubles = []
    for shard in fetch(conn, backups.shard_addresses()):
        try:
            with connect.open_connection(shard.url, autocommit=True) as there:
                report = maintain.run(there, collection, on_step=_named(shard.shard, on_step))
        except SeogoDbError as exc:
            troubles.append(f"shard {shard.shard}: {exc}")
        else:
            told(shard.shard, report)
    if troubles:
        raise ShardsUnkept(
            "; ".join(troubles), "run `seogo maintain` with its SEOGO_DATABASE_URL where it answers"
        )


def _named(shard: str, on_step: Callable[[str, int], None]) -> Callable[[str, int], None]:
    return lambda what, n: on_step(f"shard {shard}: {what}", n)
