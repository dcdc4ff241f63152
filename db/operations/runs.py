"""Run records of jobs, with the errors of each run."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec

from db.calls.call import statement
from db.calls.rows import Id


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
    """A refused record of a run, with the record itself if it can be tried again."""

    id: int
    place: str
    external_id: str | None
    reason: str
    record: bytes | None


# Record the beginning of a run; its id.
start = statement("runs", "start", Id, json=("args",))
get = statement("runs", "get", Run)
# The latest first: of one kind, or those before one.
listed = statement("runs", "listed", Run, kind=None, before=None)
# Runs that did not come to their end and that no newer one replaces, the latest first.
unfinished = statement("runs", "unfinished", Run)
# Move the cursor of a run, and add to its counts what this attempt has done so far.
advance = statement("runs", "advance", Id, json=("counts",))
# Record that another attempt of a run begins.
resume = statement("runs", "resume", Id)
# Record what the stages of a run have done.
stages = statement("runs", "stages", Id, json=("stages",))
# Record the end of a run; `state` is stopped, done or failed.
finish = statement("runs", "finish", Id, error=None)
# Keep a record that was refused; an empty one says that it is not to be tried again.
note_error = statement("runs", "note_error", Id)
# What a run refused and no later one has tried again, at most `shown`; `repeatable`: only what has a record.
errors = statement("runs", "errors", RunError, repeatable=False, shown=None)
# Mark the errors of a run as tried again `by` another: all, or those that have a record (`repeatable`).
mark_retried = statement("runs", "retried", Id)
