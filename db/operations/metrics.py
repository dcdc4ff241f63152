"""Metrics for monitoring."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from db.calls.call import statement


class QueueDepth(msgspec.Struct, frozen=True, kw_only=True):
    """Depth of a queue: `vectors` per space and generation, `readings` per kind, `queries`."""

    queue: str
    name: str
    waiting: int
    failed: int
    parked: int


class Servers(msgspec.Struct, frozen=True, kw_only=True):
    """Number of running workers and schedulers, and of scheduled jobs that wait for one."""

    workers: int
    schedulers: int
    jobs_waiting: int


class DiskPart(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the view `search.disk`: bytes of a part, with indexes; `database` is all."""

    part: str
    bytes: int


class RunCount(msgspec.Struct, frozen=True, kw_only=True):
    """Number of runs of a kind in a state."""

    kind: str
    state: str
    n: int


class RunStages(msgspec.Struct, frozen=True, kw_only=True):
    """The stages of the latest run of a kind: `{stage: {done, failed, waiting, busy_s, rate}}`."""

    kind: str
    run_id: int
    stages: dict[str, Any]


class LastBackup(msgspec.Struct, frozen=True, kw_only=True):
    """Start of the latest backup that succeeded."""

    started_at: datetime


disk = statement("stats", "disk", DiskPart)
queues = statement("stats", "queues", QueueDepth)
# Always one row.
servers = statement("stats", "servers", Servers)
run_counts = statement("stats", "runs", RunCount)
latest_stages = statement("stats", "stages", RunStages)
# The latest backup that succeeded; no row where none did.
last_backup = statement("stats", "last_backup", LastBackup)
