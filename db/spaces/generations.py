"""Wrappers of generations of embedding spaces: building one, switching to it, going back, dropping one."""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING, Any

import msgspec
from psycopg import sql
from psycopg.types.json import Jsonb

from db.calls.query import Count, Query
from db.errors import translated
from db.rows import Space
from db.sqlfiles import statements

if TYPE_CHECKING:
    from collections.abc import Mapping

    import psycopg


class _Id(msgspec.Struct, frozen=True):
    id: int


class _Done(msgspec.Struct, frozen=True):
    done: bool


class Cutoff(msgspec.Struct, frozen=True):
    """A `min_similarity`; None: everything counts."""

    cutoff: float | None


class Throttle(msgspec.Struct, frozen=True, kw_only=True):
    """How fast a generation may be filled, in items per second, and between which times of day."""

    max_rate: float | None = None
    work_from: time | None = None
    work_until: time | None = None
    work_zone: str = "UTC"


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How far a generation is: items that wait (and of these, since before `as_of`) and that failed."""

    as_of: datetime
    waiting: int
    waiting_before: int
    failed: int


class Generation(msgspec.Struct, frozen=True, kw_only=True):
    """A generation of a space with what is known of it; rate in items per second, of the last minutes."""

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


def of_space(*, space: str) -> Query[Space]:
    """All generations of a space, the newest first."""
    return Query(
        "SELECT space_id, space, generation, status, encoder, identity, dim, modality, indexed"
        " FROM search.spaces WHERE space = %(space)s ORDER BY generation DESC",
        {"space": space},
        Space,
    )


def start(*, space: str, encoder: str, identity: str, dim: int) -> Query[_Id]:
    """`ops.start_generation`; the new generation's id."""
    return Query(
        "SELECT ops.start_generation(%(space)s, %(encoder)s, %(identity)s, %(dim)s) AS id",
        {"space": space, "encoder": encoder, "identity": identity, "dim": dim},
        _Id,
    )


def set_throttle(*, space_id: int, throttle: Throttle) -> Query[_Done]:
    """`ops.set_throttle`."""
    return Query(
        "SELECT true AS done FROM ops.set_throttle(%(space_id)s, %(max_rate)s, %(work_from)s,"
        " %(work_until)s, %(work_zone)s)",
        {"space_id": space_id, **msgspec.structs.asdict(throttle)},
        _Done,
    )


def throttle(*, space_id: int) -> Query[Throttle]:
    """The limits of a generation, if it has any."""
    return Query(
        "SELECT max_rate, work_from, work_until, work_zone FROM ops.throttle"
        " WHERE space_id = %(space_id)s",
        {"space_id": space_id},
        Throttle,
    )


def progress(*, space_id: int, as_of: datetime | None = None) -> Query[Progress]:
    """What waits and what failed; `as_of` None: now, by the database's clock."""
    params = {"space_id": space_id, "as_of": as_of}
    return Query(statements("generations")["progress"], params, Progress)


def overview(*, space: str | None = None) -> Query[Generation]:
    """All generations with how far they are."""
    return Query(statements("generations")["overview"], {"space": space}, Generation)


def judged_sets(*, space: str | None) -> Query[JudgedSet]:
    """Query sets with a collection that has most of what they look for, and feeds the space if named."""
    return Query(statements("generations")["judged_sets"], {"space": space}, JudgedSet)


def want_queries(*, space_id: int, query_set: str) -> Query[Count]:
    """Queue the texts of a query set to be encoded for a generation; how many are new."""
    params = {"space_id": space_id, "query_set": query_set}
    return Query(statements("generations")["want_queries"], params, Count)


def measure_drift(*, space_id: int, previous_id: int | None = None) -> Query[Cutoff]:
    """`ops.measure_drift`; the cutoff that corresponds to the other generation's."""
    return Query(
        "SELECT ops.measure_drift(%(space_id)s, %(previous_id)s) AS cutoff",
        {"space_id": space_id, "previous_id": previous_id},
        Cutoff,
    )


def drift(*, space: str | None = None) -> Query[Drift]:
    """The view `search.drift`."""
    return Query(
        "SELECT * FROM search.drift WHERE %(space)s::text IS NULL OR space = %(space)s"
        " ORDER BY space, generation, measure",
        {"space": space},
        Drift,
    )


def switch(
    *,
    space: str,
    as_of: datetime,
    evaluation: Mapping[str, Any],
    cutoff: float | None,
    accept_failures: bool,
    force: bool,
) -> Query[_Id]:
    """`ops.switch_generation`; the id of the record."""
    return Query(
        "SELECT ops.switch_generation(%(space)s, %(as_of)s, %(evaluation)s, %(cutoff)s::real,"
        " %(accept_failures)s, %(force)s) AS id",
        {
            "space": space,
            "as_of": as_of,
            "evaluation": Jsonb(dict(evaluation)),
            "cutoff": cutoff,
            "accept_failures": accept_failures,
            "force": force,
        },
        _Id,
    )


def rollback(*, space: str) -> Query[_Id]:
    """`ops.rollback_generation`; the id of the generation that is live now."""
    return Query("SELECT ops.rollback_generation(%(space)s) AS id", {"space": space}, _Id)


def discard(*, space_id: int) -> Query[Count]:
    """`ops.discard_generation`; how many rows went, 0 when all are gone."""
    return Query("SELECT ops.discard_generation(%(space_id)s) AS n", {"space_id": space_id}, Count)


def attached(*, space_id: int) -> Query[_Done]:
    """A row while the generation's table is a partition: whether it is half-way out of being one."""
    return Query(
        "SELECT inhdetachpending AS done FROM pg_inherits"
        " WHERE inhrelid = to_regclass('core.embedding_' || %(space_id)s)",
        {"space_id": space_id},
        _Done,
    )


def detach(conn: psycopg.Connection[Any], *, space_id: int, finalize: bool) -> None:
    """Take the generation's table out of core.embedding; readers and writers of others go on.

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


def remove(*, space_id: int) -> Query[_Done]:
    """`ops.remove_generation`; whether it is gone."""
    return Query(
        "SELECT ops.remove_generation(%(space_id)s) AS done",
        {"space_id": space_id},
        _Done,
    )
