"""Scheduled jobs, as the view `search.jobs` shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from db.calls.call import scalar, statement
from db.calls.rows import Count, Id

# For connections of procrastinate, whose statements name no schema.
# The queue of the schedulers.
QUEUE = "seogo"
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


class TaskTime(msgspec.Struct, frozen=True, kw_only=True):
    """Time of a task, as cron in UTC or off: set by a person, or by the settings of a scheduler."""

    task: str
    cron: str | None
    settings: str | None


class TimeSet(msgspec.Struct, frozen=True):
    """The expression that a person set; None: as the settings say."""

    cron: str | None


# The newest first.
jobs = statement("runs", "jobs", Job, limit=20)
job = statement("runs", "job", Job)
# The latest job of each task that has begun.
last_jobs = statement("runs", "last_jobs", Job)
# Of tasks that a person or a scheduler has told of.
task_times = statement("runs", "task_times", TaskTime)
set_task_time = scalar("ops.set_task_time", TimeSet)
tell_task_times = scalar("ops.tell_task_times", Count, json=("times",))
# Record the counts of a task.
record_counts = statement("runs", "counted", Id, json=("counts",))
# Close runs whose job nobody is doing, because their scheduler died; their ids.
close_runs = statement("runs", "close_runs", Id)
