"""Generations of embedding spaces: build, switch, roll back, drop."""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING, Any

import msgspec
from psycopg import sql

from db.calls.call import procedure, scalar, statement
from db.calls.query import Query
from db.calls.rows import Count, Done, Id, NameRow
from db.errors import translated
from db.spaces.rows import Space

if TYPE_CHECKING:
    import psycopg


class Cutoff(msgspec.Struct, frozen=True):
    """A `min_similarity`; None: everything counts."""

    cutoff: float | None


class Throttle(msgspec.Struct, frozen=True, kw_only=True):
    """Limits of filling a generation: items per second, and the times of day."""

    max_rate: float | None = None
    work_from: time | None = None
    work_until: time | None = None
    work_zone: str = "UTC"


class ShardProgress(msgspec.Struct, frozen=True, kw_only=True):
    """Work on a generation left on a shard: items, failed ones, the index; and sessions of workers."""

    shard: str
    waiting: int
    failed: int
    workers: int
    index_waits: bool


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """Progress of a generation: items that wait (and of these, since before `as_of`) and that failed."""

    as_of: datetime
    waiting: int
    waiting_before: int
    failed: int


class Generation(msgspec.Struct, frozen=True, kw_only=True):
    """A generation of a space with its progress and limits; rate in items per second, of the last minutes.

    `unanswered`: names of shards that do not answer, whose items are not counted; None where all do.
    """

    space: str
    generation: int
    status: str
    encoder: str
    dim: int
    indexed: bool
    items: int | None
    fresh: int | None
    waiting: int | None
    failed: int | None
    unanswered: str | None = None
    rate: float
    max_rate: float | None
    work_from: time | None
    work_until: time | None
    work_zone: str | None
    min_similarity: float | None
    retired_at: datetime | None


class JudgedSet(msgspec.Struct, frozen=True, kw_only=True):
    """A query set whose relevant items a collection has, with one source of judgments."""

    collection: str
    query_set: str
    source: str
    queries: int


class Drift(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the view `search.drift`; quantiles at 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99."""

    space: str
    generation: int
    previous_generation: int | None
    measure: str
    n: int
    quantiles: list[float]
    previous: list[float]
    ks: float | None
    measured_at: datetime


# All generations, of a space or of all, the newest first.
of_space = statement("generations", "of_space", Space, space=None)
# Which fields and pictures of a collection a space embeds; None: none any more.
feed = procedure("ops.feed_space", json=("sources",))
# The new generation's id.
start = scalar("ops.start_generation", Id)
# No row where there are no limits.
throttle = statement("generations", "throttle", Throttle)
# `as_of` None: now, by the database's clock.
progress = statement("generations", "progress", Progress, as_of=None)
# Of the shards of the collections that feed the space; no rows where these are here.
progress_away = statement("generations", "progress_away", ShardProgress)
# Of the collections that feed a space.
shards = statement("generations", "shards", NameRow)
overview = statement("generations", "overview", Generation, space=None)
# Query sets with a collection that has most of what they look for, and feeds the space if named.
judged_sets = statement("generations", "judged_sets", JudgedSet)
# Queue the texts of a query set to be encoded for a generation; how many are new.
want_queries = statement("generations", "want_queries", Count)
# The cutoff that corresponds to the other generation's.
measure_drift = scalar("ops.measure_drift", Cutoff)
drift = statement("generations", "drift", Drift, space=None)
# The id of the record.
switch = scalar("ops.switch_generation", Id, json=("evaluation",))
# The id of the generation that is live now.
rollback = scalar("ops.rollback_generation", Id)
# How many rows went, 0 when all are gone.
discard = scalar("ops.discard_generation", Count)
# A row while the generation's table is a partition: whether its detachment is pending.
attached = statement("generations", "attached", Done)
# Whether it is gone.
remove = scalar("ops.remove_generation", Done)
_set_throttle = procedure("ops.set_throttle")


def set_throttle(*, space_id: int, throttle: Throttle) -> Query[Done]:
    """Limit how fast and when a building generation is filled."""
    return _set_throttle(space_id=space_id, **msgspec.structs.asdict(throttle))


def detach(conn: psycopg.Connection[Any], *, space_id: int, finalize: bool) -> None:
    """Detach the generation's table from core.embedding; other generations stay readable and writable.

    Args:
        conn: an autocommit connection.
        space_id: the generation.
        finalize: end what an earlier attempt has begun.
    """
    statement = "ALTER TABLE core.embedding DETACH PARTITION {} FINALIZE"
    if not finalize:
        statement = "ALTER TABLE core.embedding DETACH PARTITION {} CONCURRENTLY"
    table = sql.Identifier("core", f"embedding_{space_id}")
    with translated():
        conn.execute(sql.SQL(statement).format(table))
