"""Runs of jobs, records they refused, and jobs of the schedule."""

from datetime import UTC, datetime
from functools import partial
from typing import Annotated, get_args

from litestar import Controller, get, post, put
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import ServerSentEvent
from msgspec.structs import asdict

from db.errors import BadRequest
from db.operations import metrics, schedule, shards, workers
from db.operations import runs as sql
from db.operations.metrics import QueueDepth
from db.operations.runs import Run
from db.operations.schedule import Job, TaskTime
from db.operations.shards import ShardState
from db.operations.workers import Failed
from flows.unserved import unserved
from inputs.cron import OFF, due_after, fault, in_use
from service.auth.admission import Admission
from service.auth.callers import AnyRequest, needs
from service.data.database import CallersDatabase, Db
from service.errors import Conflict, NoSuchRun
from service.flows.performer import Performer
from service.http.parameters import Limit, json_body
from service.http.responses import BUSY, ONE, READING, WITH_BODY, answer
from service.runs import watching
from service.runs.schemas import (
    JobIn,
    JobQueued,
    MachineSettings,
    QueueOut,
    RunEvent,
    RunRefusal,
    ScheduledOut,
    StuckOut,
    Task,
    TaskTimeIn,
)
from service.runs.tasks import Tasks

JobBody = Annotated[
    JobIn, json_body(Example(summary="Compact the indexes", value={"task": "merge_postings"}))
]
MAX_ID = 2**31 - 1
# Runs name collections, files and records: they are for keys that see everything.
READER = needs("reader", whole=True)
ADMIN = needs("admin", whole=True)


class RunController(Controller):
    """Runs of jobs, under way and ended."""

    path = "/runs"
    tags = ("runs",)
    opt = READER

    @get(summary="List runs, latest first", responses=READING)
    async def list_runs(
        self,
        database: Db,
        kind: FromQuery[str | None] = None,
        before: Annotated[
            int | None,
            QueryParameter(ge=1, le=MAX_ID, description="The last `run_id` of the page before."),
        ] = None,
        limit: Limit = 50,
    ) -> list[Run]:
        """State, counts and stages of every run; `kind` is such as `ingest` or `merge_postings`."""
        return await database.fetch(sql.listed(kind=kind, before=before, limit=limit))

    @get("/{run_id:int}", summary="Get a run", responses=ONE)
    async def get_run(self, run_id: FromPath[int], database: Db) -> Run:
        """State, progress and counts."""
        return await watching.find_run(database, run_id)

    @get("/{run_id:int}/errors", summary="Records that a run refused", responses=ONE)
    async def list_run_errors(
        self, run_id: FromPath[int], database: Db, limit: Limit = 100
    ) -> list[RunRefusal]:
        """Records that no later run has taken either, in the order of the input."""
        await watching.find_run(database, run_id)
        refused = await database.fetch(sql.errors(run_id=run_id, shown=limit))
        return [
            RunRefusal(one.place, one.external_id, one.reason, repeatable=one.record is not None)
            for one in refused
        ]

    @get(
        "/{run_id:int}/events",
        summary="Watch a run",
        opt=needs("reader", whole=True, body="endless"),
        responses={
            200: answer(RunEvent, "Such events, one after the other", "text/event-stream"),
            **ONE,
        },
    )
    async def watch_run(
        self,
        run_id: FromPath[int],
        request: AnyRequest,
        database: Db,
        admission: NamedDependency[Admission],
    ) -> ServerSentEvent:
        """Server-sent events: `progress` whenever the run changed, `end` when it is over.

        They stop when the key ends.
        """
        run = await watching.find_run(database, run_id)
        return ServerSentEvent(
            watching.events(database, run, partial(admission.check_again, request))
        )

    @post(
        "/{run_id:int}/cancel",
        summary="Cancel a run",
        status_code=202,
        opt=ADMIN,
        responses={409: BUSY, **ONE},
    )
    async def cancel_run(
        self, run_id: FromPath[int], database: Db, tasks: NamedDependency[Tasks]
    ) -> Run:
        """The run stops at its next step. Runs that were started by hand are stopped where they run."""
        run = await watching.find_run(database, run_id)
        job_id = run.args.get("job_id")
        if not isinstance(job_id, int):
            raise Conflict(
                f"run {run_id} is no job of the schedule",
                "It was started by hand: stop it there, with Ctrl-C.",
            )
        if not await tasks.cancel(job_id):
            raise Conflict(f"run {run_id} is over: {run.state}")
        return run


class JobController(Controller):
    """The queue of the schedule."""

    path = "/jobs"
    tags = ("runs",)
    opt = READER

    @get(summary="List jobs, latest first", responses=READING)
    async def list_jobs(self, database: Db, limit: Limit = 50) -> list[Job]:
        """Jobs that wait, run, or ran."""
        return await database.fetch(schedule.jobs(limit=limit))

    @post(
        summary="Queue a task of the schedule",
        status_code=202,
        opt=ADMIN,
        responses={409: BUSY, **WITH_BODY},
    )
    async def queue_job(self, data: JobBody, tasks: NamedDependency[Tasks]) -> JobQueued:
        """The next free `seogo schedule run` runs it."""
        return JobQueued(job_id=await tasks.queue(data.task))

    @post("/{job_id:int}/cancel", summary="Cancel a job", status_code=202, opt=ADMIN, responses=ONE)
    async def cancel_job(
        self, job_id: FromPath[int], database: Db, tasks: NamedDependency[Tasks]
    ) -> Job:
        """Takes a waiting job out of the queue; a running one stops at its next step. Else 404."""
        there = await database.fetch(schedule.job(job_id=job_id))
        if not there or not await tasks.cancel(job_id):
            raise NoSuchRun(f"job {job_id} neither waits nor runs", "GET /jobs lists them.")
        (job,) = await database.fetch(schedule.job(job_id=job_id))
        return job


class ScheduleController(Controller):
    """Tasks of the schedule and of people, and proofs of backups."""

    tags = ("runs",)
    opt = READER

    @get("/schedule", summary="List the tasks of the schedule", responses=READING)
    async def list_schedule(self, database: Db) -> list[ScheduledOut]:
        """Each with its latest job that has begun; who runs them is `served` of `jobs` in `GET /queues`."""
        return await _scheduled(database)

    @put(
        "/schedule/{task:str}",
        summary="Set when a task is due",
        status_code=200,
        opt=ADMIN,
        responses=WITH_BODY,
    )
    async def set_task_time(
        self,
        task: FromPath[Task],
        data: Annotated[TaskTimeIn, json_body(Example(value={"cron": "30 17 * * *"}))],
        database: Db,
    ) -> ScheduledOut:
        """Before `SEOGO_CRON_…`; null: as these say. Schedulers that run take it within three minutes."""
        wrong = None if data.cron in (None, OFF) else fault(data.cron)
        if wrong:
            raise BadRequest(f"{data.cron!r} {wrong}")
        await database.fetch(schedule.set_task_time(task=task, cron=data.cron))
        return next(one for one in await _scheduled(database) if one.task == task)

    @post(
        "/backups/{backup:str}/proof",
        summary="Prove a backup",
        status_code=202,
        opt=ADMIN,
        responses={409: BUSY, **ONE},
    )
    async def prove_backup(self, backup: FromPath[str], tasks: NamedDependency[Tasks]) -> JobQueued:
        """A scheduler restores it (`latest`, or a name) into a scratch database and compares every table."""
        return JobQueued(job_id=await tasks.queue("verify_backup", name=backup))


class QueueController(Controller):
    """Queues of the workers and of the schedule."""

    tags = ("runs",)
    opt = READER

    @get("/queues", summary="List queues and their programs", responses=READING)
    async def list_queues(
        self,
        database: Db,
        performer: NamedDependency[Performer],
        machine: NamedDependency[MachineSettings],
    ) -> list[QueueOut]:
        """The queues of the workers and that of the schedule, who serves each, and what is stuck."""
        stuck = await performer.run(database, unserved(machine.encoders, machine.captions))
        depths = await database.fetch(metrics.queues())
        (servers,) = await database.fetch(metrics.servers())
        jobs = QueueDepth(queue="jobs", name="", waiting=servers.jobs_waiting, failed=0, parked=0)
        return [
            QueueOut(**asdict(jobs), server="scheduler", served=servers.schedulers),
            *(
                QueueOut(
                    **asdict(one),
                    server="worker",
                    served=servers.workers,
                    stuck=[
                        StuckOut(n=part.n, why=part.why, todo=part.todo)
                        for part in stuck
                        if (part.queue, part.name) == (one.queue, one.name)
                    ],
                )
                for one in depths
            ),
        ]

    @get("/failures", summary="List failed items, pictures and queries", responses=READING)
    async def list_failures(
        self, database: Db, collection: FromQuery[str | None] = None, limit: Limit = 100
    ) -> list[Failed]:
        """Reasons of failed encoding and reading, and times of the next attempt."""
        return await database.fetch(workers.failed(collection=collection, limit=limit))

    @get("/shards", summary="List shards and their state", responses=READING)
    async def list_shards(self, database: Db) -> list[ShardState]:
        """Whether each answers, its items, their vectors, its size; empty where there are no shards."""
        return await database.fetch(shards.shard_states())


async def _scheduled(database: CallersDatabase) -> list[ScheduledOut]:
    last = {job.task: job for job in await database.fetch(schedule.last_jobs())}
    times = {row.task: row for row in await database.fetch(schedule.task_times())}
    now = datetime.now(UTC)
    return [_timed(task, times.get(task), last.get(task), now) for task in get_args(Task)]


def _timed(task: Task, time: TaskTime | None, last: Job | None, now: datetime) -> ScheduledOut:
    by_person, settings = (time.cron, time.settings) if time else (None, None)
    cron = in_use(by_person, settings)
    return ScheduledOut(
        task=task,
        cron=settings if by_person is None else by_person,
        settings=settings,
        set_by_person=by_person is not None,
        due_at=due_after(cron, now) if cron else None,
        last=last,
    )
