"""Runs of jobs, and jobs of the schedule."""

from datetime import datetime
from typing import Annotated, Literal, NamedTuple

from msgspec import Meta, Struct

from db.operations.schedule import Job
from encoders.settings import CaptionSettings, EncoderSettings

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
    "measure_drift",
    "forget_analyses",
    "forget_events",
    "judge_quality",
    "propose_synonyms",
    "try_profiles",
    "propose_improvements",
]


class MachineSettings(NamedTuple):
    """Settings of the models of this machine."""

    encoders: EncoderSettings
    captions: CaptionSettings


class JobIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A request to run a task of the schedule now."""

    task: Task


class ScheduledOut(Struct, frozen=True, kw_only=True):
    """A task of the schedule and its latest job that has begun; null: it never ran here.

    `cron` (UTC) is what counts, `off` included: what a person set (`set_by_person`), or else `settings`,
    those of the scheduler that started last; null: none has started yet. `due_at`: the next time by it,
    if a scheduler runs.
    """

    task: Task
    cron: str | None
    settings: str | None
    set_by_person: bool
    due_at: datetime | None
    last: Job | None


class TaskTimeIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Time of a task: a cron expression in UTC, `off`, or null for what the settings say."""

    cron: Annotated[str, Meta(max_length=200)] | None


class JobQueued(Struct, frozen=True, kw_only=True):
    """The job that a scheduler will run."""

    job_id: int


class StuckOut(Struct, frozen=True, kw_only=True):
    """Entries of a queue that no worker with the service's settings takes; `todo`: the remedy."""

    n: int
    why: str
    todo: str


class QueueOut(Struct, frozen=True, kw_only=True):
    """A queue: how much waits in it, and how many programs of the kind `server` serve it.

    `jobs` are those of the schedule, `vectors` and `queries` those of a space, `readings` those of a kind.
    Where `served` is 0, what waits will wait until somebody starts one: `seogo worker`, or
    `seogo schedule run --forever`. `item_caption` of `readings` are items that wait for one caption of all
    their pictures. `stuck`: what a worker would not help, as `seogo doctor` says it; other machines may have
    other settings.
    """

    queue: str
    name: str
    waiting: int
    failed: int
    parked: int
    server: Literal["worker", "scheduler"]
    served: int
    stuck: list[StuckOut] = []


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
