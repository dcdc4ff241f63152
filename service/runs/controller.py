"""Runs of jobs, what they refused, and jobs of the schedule."""

from functools import partial
from typing import Annotated, Any

from litestar import Controller, Request, get, post
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example
from litestar.params import BodyKwarg, FromPath, FromQuery, QueryParameter
from litestar.response import ServerSentEvent
from msgspec import convert
from msgspec.structs import asdict

from db.operations import metrics, schedule, workers
from db.operations import runs as sql
from db.operations.runs import Run
from db.operations.schedule import Job
from db.operations.workers import Failed
from service.auth.admission import Admission
from service.auth.callers import needs
from service.data.database import CallersDatabase
from service.errors import Conflict, NoSuchRun
from service.http.bodies import ENDLESS
from service.http.responses import (
    BUSY,
    ONE,
    READING,
    WITH_BODY,
    json_only,
)
from service.runs import watching
from service.runs.schemas import (
    JobIn,
    JobQueued,
    QueueOut,
    RunEvent,
    RunRefusal,
)
from service.runs.tasks import Tasks

Limit = Annotated[int, QueryParameter(ge=1, le=1000)]
JobBody = Annotated[
    JobIn,
    BodyKwarg(
        media_type=RequestEncodingType.JSON,
        examples=[Example(summary="Compact the indexes", value={"task": "merge_postings"})],
    ),
]
MAX_ID = 2**31 - 1
# Runs name collections, files and records: they are for keys that see everything.
READER: dict[str, Any] = {**needs("reader"), "whole": True}
ADMIN: dict[str, Any] = {**needs("admin"), "whole": True}


class RunController(Controller):
    """What jobs have done and do."""

    path = "/runs"
    tags = ("runs",)
    opt = READER

    @get(operation_id="listRuns", summary="Runs, the latest first", responses=READING)
    async def list_some(
        self,
        database: NamedDependency[CallersDatabase],
        kind: FromQuery[str | None] = None,
        before: Annotated[
            int | None,
            QueryParameter(ge=1, le=MAX_ID, description="The last `run_id` of the page before."),
        ] = None,
        limit: Limit = 50,
    ) -> list[Run]:
        """State, counts and stages of every run; `kind` is such as `ingest` or `merge_postings`."""
        return await database.fetch(sql.listed(kind=kind, before=before, limit=limit))

    @get("/{run_id:int}", operation_id="getRun", summary="One run", responses=ONE)
    async def one(self, run_id: FromPath[int], database: NamedDependency[CallersDatabase]) -> Run:
        """How far it is and what it counted."""
        return await watching.existing(database, run_id)

    @get(
        "/{run_id:int}/errors",
        operation_id="listRunErrors",
        summary="What a run did not take",
        responses=ONE,
    )
    async def errors(
        self,
        run_id: FromPath[int],
        database: NamedDependency[CallersDatabase],
        limit: Limit = 100,
    ) -> list[RunRefusal]:
        """Records that no later run has taken, in the order of the input."""
        await watching.existing(database, run_id)
        refused = await database.fetch(sql.errors(run_id=run_id, shown=limit))
        return [
            RunRefusal(
                place=one.place,
                external_id=one.external_id,
                reason=one.reason,
                repeatable=one.record is not None,
            )
            for one in refused
        ]

    @get(
        "/{run_id:int}/events",
        operation_id="watchRun",
        summary="A run, as it goes on",
        opt={**READER, **ENDLESS},
        responses={
            200: ResponseSpec(
                RunEvent,
                description="Such events, one after the other",
                media_type="text/event-stream",
                generate_examples=False,
            ),
            **ONE,
        },
    )
    async def events(
        self,
        run_id: FromPath[int],
        request: Request[Any, Any, Any],
        database: NamedDependency[CallersDatabase],
        admission: NamedDependency[Admission],
    ) -> ServerSentEvent:
        """Server-sent events: `progress` whenever the run changed, `end` when it is over.

        They stop when the key ends.
        """
        run = await watching.existing(database, run_id)
        return ServerSentEvent(watching.events(database, run, partial(admission.again, request)))

    @post(
        "/{run_id:int}/cancel",
        operation_id="cancelRun",
        summary="Ask a run to stop",
        status_code=202,
        opt=ADMIN,
        responses={409: BUSY, **ONE},
    )
    async def cancel(
        self,
        run_id: FromPath[int],
        database: NamedDependency[CallersDatabase],
        tasks: NamedDependency[Tasks],
    ) -> Run:
        """It stops at its next step. Runs that were started by hand are stopped where they run."""
        run = await watching.existing(database, run_id)
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

    @get(operation_id="listJobs", summary="Jobs, the latest first", responses=READING)
    async def list_some(
        self, database: NamedDependency[CallersDatabase], limit: Limit = 50
    ) -> list[Job]:
        """Jobs that wait, run, or ran."""
        return await database.fetch(schedule.jobs(limit=limit))

    @post(
        operation_id="queueJob",
        summary="Run a task of the schedule now",
        status_code=202,
        opt=ADMIN,
        guards=[json_only],
        responses={409: BUSY, **WITH_BODY},
    )
    async def queue(self, data: JobBody, tasks: NamedDependency[Tasks]) -> JobQueued:
        """Whichever `seogo schedule run` is free takes it."""
        return JobQueued(job_id=await tasks.queue(data.task))

    @post(
        "/{job_id:int}/cancel",
        operation_id="cancelJob",
        summary="Take a job out of the queue, or ask it to stop",
        status_code=202,
        opt=ADMIN,
        responses=ONE,
    )
    async def cancel(
        self,
        job_id: FromPath[int],
        database: NamedDependency[CallersDatabase],
        tasks: NamedDependency[Tasks],
    ) -> Job:
        """404 where it neither waits nor runs."""
        there = await database.fetch(schedule.job(job_id=job_id))
        if not there or not await tasks.cancel(job_id):
            raise NoSuchRun(f"job {job_id} neither waits nor runs", "GET /jobs lists them.")
        (job,) = await database.fetch(schedule.job(job_id=job_id))
        return job


@get(
    "/queues",
    operation_id="listQueues",
    summary="What waits, and whether anything takes it",
    tags=["runs"],
    opt=READER,
    responses=READING,
)
async def queues(database: NamedDependency[CallersDatabase]) -> list[QueueOut]:
    """The queues of the workers and that of the schedule."""
    depths = await database.fetch(metrics.queues())
    (servers,) = await database.fetch(metrics.servers())
    jobs = QueueOut(
        queue="jobs",
        name="",
        waiting=servers.jobs_waiting,
        failed=0,
        parked=0,
        server="scheduler",
        served=servers.schedulers,
    )
    served = {"server": "worker", "served": servers.workers}
    return [jobs, *(convert({**asdict(one), **served}, QueueOut) for one in depths)]


@get(
    "/failures",
    operation_id="listFailures",
    summary="What could not be encoded or read",
    tags=["runs"],
    opt=READER,
    responses=READING,
)
async def failures(
    database: NamedDependency[CallersDatabase],
    collection: FromQuery[str | None] = None,
    limit: Limit = 100,
) -> list[Failed]:
    """Items, pictures and queries, with the reason and when they are tried again."""
    return await database.fetch(workers.failed(collection=collection, limit=limit))
