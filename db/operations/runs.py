"""Wrappers of the records that jobs keep of their runs."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

import msgspec
from psycopg.types.json import Jsonb

from db.calls.query import Query
from db.sqlfiles import statements

if TYPE_CHECKING:
    from collections.abc import Mapping


class _Id(msgspec.Struct, frozen=True):
    id: int


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the view `search.runs`."""

    run_id: int
    kind: str
    state: Literal["running", "stopped", "done", "failed"]
    args: dict[str, Any]
    cursor: dict[str, Any]
    counts: dict[str, int]
    stages: dict[str, Any]
    errors: int
    error: str | None
    started_at: datetime
    updated_at: datetime
    finished_at: datetime | None


class RunError(msgspec.Struct, frozen=True, kw_only=True):
    """Something a run could not take, with the record itself if it can be tried again."""

    id: int
    place: str
    external_id: str | None
    reason: str
    record: bytes | None


def start(*, kind: str, args: Mapping[str, Any]) -> Query[_Id]:
    """Record the beginning of a run; returns its id."""
    return Query(
        "INSERT INTO ops.run (kind, args) VALUES (%(kind)s, %(args)s) RETURNING id",
        {"kind": kind, "args": Jsonb(dict(args))},
        _Id,
    )


def get(*, run_id: int) -> Query[Run]:
    """A row of the view `search.runs`."""
    return Query("SELECT * FROM search.runs WHERE run_id = %(run_id)s", {"run_id": run_id}, Run)


def listed(*, kind: str | None = None, before: int | None = None, limit: int) -> Query[Run]:
    """Runs, the latest first: of one kind, or those before one."""
    return Query(
        "SELECT * FROM search.runs WHERE (%(kind)s::text IS NULL OR kind = %(kind)s)"
        " AND (%(before)s::int IS NULL OR run_id < %(before)s) ORDER BY run_id DESC LIMIT %(limit)s",
        {"kind": kind, "before": before, "limit": limit},
        Run,
    )


def unfinished(*, kind: str) -> Query[Run]:
    """Runs that did not come to their end and that no newer one replaces, the latest first."""
    return Query(statements("runs")["unfinished"], {"kind": kind}, Run)


def advance(*, run_id: int, line: int, counts: Mapping[str, int]) -> Query[_Id]:
    """Move the cursor of a run and add to its counts what this attempt has done so far."""
    return Query(
        statements("runs")["advance"],
        {"run_id": run_id, "line": line, "counts": Jsonb(dict(counts))},
        _Id,
    )


def resume(*, run_id: int) -> Query[_Id]:
    """Record that another attempt of a run begins."""
    return Query(statements("runs")["resume"], {"run_id": run_id}, _Id)


def stages(*, run_id: int, stages: Mapping[str, Any]) -> Query[_Id]:
    """Keep what the stages of a run have done."""
    return Query(
        "UPDATE ops.run SET stages = %(stages)s, updated_at = now() WHERE id = %(run_id)s RETURNING id",
        {"run_id": run_id, "stages": Jsonb(dict(stages))},
        _Id,
    )


def finish(
    *, run_id: int, state: Literal["stopped", "done", "failed"], error: str | None = None
) -> Query[_Id]:
    """Record the end of a run."""
    return Query(
        "UPDATE ops.run SET state = %(state)s, error = %(error)s, updated_at = now(),"
        " finished_at = now() WHERE id = %(run_id)s RETURNING id",
        {"run_id": run_id, "state": state, "error": error},
        _Id,
    )


def note_error(
    *, run_id: int, place: str, external_id: str | None, reason: str, record: bytes
) -> Query[_Id]:
    """Keep a record that was not taken; an empty one says that it is not to be tried again."""
    return Query(
        statements("runs")["note_error"],
        {
            "run_id": run_id,
            "place": place,
            "external_id": external_id,
            "reason": reason,
            "record": record,
        },
        _Id,
    )


def errors(*, run_id: int, repeatable: bool = False, shown: int | None = None) -> Query[RunError]:
    """What a run did not take and no later one has tried again, at most `shown`.

    `repeatable`: only what can be tried again, which is what has a record.
    """
    params = {"run_id": run_id, "repeatable": repeatable, "shown": shown}
    return Query(statements("runs")["errors"], params, RunError)


def retried(*, run_id: int, by: int, repeatable: bool) -> Query[_Id]:
    """Mark the errors of a run as tried again by another: all, or those that have a record alone."""
    return Query(
        "UPDATE ops.run_item_error SET retried_by = %(by)s WHERE run_id = %(run_id)s"
        " AND retried_by IS NULL AND (record IS NOT NULL OR NOT %(repeatable)s) RETURNING id",
        {"run_id": run_id, "by": by, "repeatable": repeatable},
        _Id,
    )
