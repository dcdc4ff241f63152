"""Runs of jobs, and jobs of the schedule."""

from typing import Literal

from msgspec import Struct

# The tasks of the schedule; a test compares it with the schedule itself, which is another room.
Task = Literal[
    "calibrate_spaces",
    "embed_stale",
    "merge_postings",
    "measure_recall",
    "nightly_evaluation",
    "backup",
    "rebuild_banks",
    "self_tuning",
    "forget_analyses",
    "forget_events",
    "judge_quality",
]


class JobIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A request to run a task of the schedule now."""

    task: Task


class JobQueued(Struct, frozen=True, kw_only=True):
    """The job that a scheduler will run."""

    job_id: int


class QueueOut(Struct, frozen=True, kw_only=True):
    """A queue: how much waits in it, and how many programs of the kind `server` serve it.

    `jobs` are those of the schedule, `vectors` and `queries` those of a space, `readings` those of a kind.
    Where `served` is 0, what waits will wait until somebody starts one: `seogo worker`, or
    `seogo schedule run --forever`.
    """

    queue: str
    name: str
    waiting: int
    failed: int
    parked: int
    server: Literal["worker", "scheduler"]
    served: int


class RunEvent(Struct, frozen=True, kw_only=True):
    """A server-sent event; `data` is the run as JSON."""

    event: Literal["progress", "end"]
    data: str


class RunRefusal(Struct, frozen=True):
    """A record that a run refused: its place, such as `line 12`, and why."""

    place: str
    external_id: str | None
    reason: str
    repeatable: bool
