"""Wrappers of scheduled jobs: what the view `search.jobs` says of them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec
from psycopg.types.json import Jsonb

from db.calls.query import Query

if TYPE_CHECKING:
    from collections.abc import Mapping

# For connections of procrastinate, whose statements name no schema.
SEARCH_PATH = "-c search_path=jobs,pg_catalog"


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the view `search.jobs`."""

    job_id: int
    task: str
    state: str
    attempts: int
    scheduled_at: datetime | None
    queued_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    abort_requested: bool
    run_id: int | None
    counts: dict[str, Any] | None
    error: str | None


class _Id(msgspec.Struct, frozen=True):
    id: int


def jobs(*, limit: int = 20) -> Query[Job]:
    """The latest jobs, the newest first."""
    return Query(
        "SELECT * FROM search.jobs ORDER BY job_id DESC LIMIT %(limit)s", {"limit": limit}, Job
    )


def job(*, job_id: int) -> Query[Job]:
    """One job."""
    return Query("SELECT * FROM search.jobs WHERE job_id = %(job_id)s", {"job_id": job_id}, Job)


def last_jobs() -> Query[Job]:
    """The latest job of each task that has begun."""
    return Query(
        "SELECT DISTINCT ON (task) * FROM search.jobs WHERE started_at IS NOT NULL"
        " ORDER BY task, job_id DESC",
        {},
        Job,
    )


def counted(*, run_id: int, counts: Mapping[str, int]) -> Query[_Id]:
    """Record what a task did."""
    return Query(
        "UPDATE ops.run SET counts = %(counts)s, updated_at = now() WHERE id = %(run_id)s RETURNING id",
        {"run_id": run_id, "counts": Jsonb(dict(counts))},
        _Id,
    )


def close_runs() -> Query[_Id]:
    """Record that runs have ended whose job nobody is doing: their scheduler died. Their ids."""
    return Query(
        "UPDATE ops.run AS r SET state = 'failed', error = 'its scheduler died over it',"
        " updated_at = now(), finished_at = now()"
        " WHERE r.state = 'running' AND r.args ? 'job_id' AND NOT EXISTS (SELECT FROM"
        " jobs.procrastinate_jobs AS j WHERE j.id::text = r.args ->> 'job_id' AND j.status = 'doing')"
        " RETURNING r.id",
        {},
        _Id,
    )
