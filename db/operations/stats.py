"""Figures for monitoring."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from db.calls.query import Query
from db.sqlfiles import statements


class QueueDepth(msgspec.Struct, frozen=True, kw_only=True):
    """How much waits in a queue: `vectors` per space and generation, `readings` per kind, `queries`."""

    queue: str
    name: str
    waiting: int
    failed: int
    parked: int


class Servers(msgspec.Struct, frozen=True, kw_only=True):
    """How many workers and schedulers run now, and how many jobs of the schedule wait for one."""

    workers: int
    schedulers: int
    jobs_waiting: int


class RunCount(msgspec.Struct, frozen=True, kw_only=True):
    """How many runs of a kind are in a state."""

    kind: str
    state: str
    n: int


class RunStages(msgspec.Struct, frozen=True, kw_only=True):
    """The stages of the latest run of a kind: `{stage: {done, failed, waiting, busy_s, rate}}`."""

    kind: str
    run_id: int
    stages: dict[str, Any]


class LastBackup(msgspec.Struct, frozen=True, kw_only=True):
    """When the latest backup that succeeded began."""

    started_at: datetime


def queues() -> Query[QueueDepth]:
    """All queues."""
    return Query(statements("stats")["queues"], {}, QueueDepth)


def servers() -> Query[Servers]:
    """Who takes what waits. Always one row."""
    return Query(statements("stats")["servers"], {}, Servers)


def run_counts() -> Query[RunCount]:
    """Runs by kind and state."""
    return Query(statements("stats")["runs"], {}, RunCount)


def latest_stages() -> Query[RunStages]:
    """Stages of the latest run of each kind."""
    return Query(statements("stats")["stages"], {}, RunStages)


def last_backup() -> Query[LastBackup]:
    """The latest backup that succeeded; no row where none did."""
    return Query(statements("stats")["last_backup"], {}, LastBackup)
