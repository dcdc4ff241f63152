"""The scheduler: tasks by cron expression, on a queue in PostgreSQL (procrastinate, schema `jobs`).

Any number of schedulers may run: each task is queued once per time, and one runs at a time. What a task
counted, or why it failed, is in ops.run; the state of the queue in the view search.jobs.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import procrastinate
import psycopg
from procrastinate import exceptions as errors
from procrastinate.jobs import Status
from procrastinate.manager import JobManager

from db import connect
from db.calls.query import fetch
from db.errors import EmbeddedUnavailable, ServerUnreachable
from db.operations import runs, schedule
from inputs.cron import OFF
from jobs.errors import JobError
from jobs.schedule import clock
from jobs.schedule.asked import ASKED
from jobs.schedule.ends import Ends
from jobs.schedule.tasks import TASKS, Stopped, Task, get_task

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from db.calls.query import Query
    from db.operations.schedule import Job
    from db.settings import DbSettings
    from encoders.settings import EncoderSettings
    from jobs.schedule.settings import ScheduleSettings

T = TypeVar("T")

log = logging.getLogger("seogo.schedule")

# What keeps the queue itself in order: no task of anybody's, so the view search.jobs leaves it out.
UPKEEP = "upkeep"
KEPT_HOURS = 30 * 24
AT_ONCE = 2
# Of a job, whether its task fails or its scheduler dies.
ATTEMPTS = 3
RETRY_S = 60
# Tasks have this long to end after a stop is requested.
GRACE_S = 20.0
RECOVER = "recover"
RECOVER_CRON = "*/2 * * * *"
# How often times that people set are looked up; the queue looks at its clock every RECOVER_CRON.
TIMES_S = 30.0
LOOK_S = 0.5
RECONNECT_S = 2.0
NO_DATABASE = (
    *(errors.ConnectorException, psycopg.OperationalError),
    *(EmbeddedUnavailable, ServerUnreachable),
)


@dataclass
class Scheduler:
    """Queues tasks when they are due, and runs them."""

    _db: DbSettings
    _encoders: EncoderSettings
    _settings: ScheduleSettings

    def run_forever(self) -> None:
        """Queue and run due tasks until SIGTERM or SIGINT; survives restarts of the database."""
        asyncio.run(self._forever())

    def run_due(self) -> None:
        """Run the queued tasks, and stop."""
        _run(self._due())

    def run_now(self, task: str) -> Job:
        """Queue a task and run it here, unless another scheduler is faster; returns its job.

        It waits (state `todo`) where it failed and is tried again later, or the one before it still
        runs.

        Raises:
            JobError: there is no such task, or it is queued or running already.
        """
        get_task(task)
        return _run(self._now(task))

    def cancel(self, job_id: int) -> None:
        """Take a job out of the queue, or ask it to stop.

        Raises:
            JobError: it is neither waiting nor running.
        """
        if not _run(self._cancel(job_id)):
            raise JobError(f"job {job_id} neither waits nor runs", "see `seogo schedule list`")

    async def _forever(self) -> None:
        for wrong in self._settings.troubles().values():
            log.error("%s; its task is off", wrong)
        stopped = asyncio.create_task(_wait_for_signal())
        ends = Ends(self._db)
        while not stopped.done():
            working = asyncio.create_task(self._until_trouble())
            await asyncio.wait({stopped, working}, return_when=asyncio.FIRST_COMPLETED)
            if stopped.done():
                working.cancel()
            (trouble,) = await asyncio.gather(working, return_exceptions=True)
            if stopped.done():
                return
            if trouble is not None and not isinstance(trouble, NO_DATABASE):
                raise trouble
            log.warning("%s; again in %.0f s", await ends.explain(trouble), RECONNECT_S)
            await asyncio.wait({stopped}, timeout=RECONNECT_S)

    async def _until_trouble(self) -> None:
        """Run the queue until cancelled; ends, or raises, when the database is lost."""
        app = self._app(periodic=True)
        async with app.open_async():
            await self._recover(app)
            told = {task.name: self._settings.cron(task.name) or OFF for task in TASKS}
            await asyncio.to_thread(self._fetch, schedule.tell_task_times(times=told))
            clock.plan(app, await self._times(), but=RECOVER)
            following = asyncio.create_task(self._follow_times(app))
            try:
                await app.run_worker_async(
                    queues=[schedule.QUEUE, UPKEEP],
                    concurrency=AT_ONCE,
                    shutdown_graceful_timeout=GRACE_S,
                    install_signal_handlers=False,
                )
            finally:
                following.cancel()

    async def _follow_times(self, app: procrastinate.App) -> None:
        """Take the times that people set; without the database the worker ends, and this with it."""
        while True:
            await asyncio.sleep(TIMES_S)
            with suppress(*NO_DATABASE):
                clock.plan(app, await self._times(), but=RECOVER)

    async def _times(self) -> dict[str, str]:
        return clock.times(
            self._settings, await asyncio.to_thread(self._fetch, schedule.task_times())
        )

    async def _due(self) -> None:
        app = self._app(periodic=False)
        async with app.open_async():
            await self._recover(app)
            await app.run_worker_async(queues=[schedule.QUEUE], wait=False, concurrency=AT_ONCE)

    async def _now(self, task: str) -> Job:
        app = self._app(periodic=False)
        async with app.open_async():
            await self._recover(app)
            try:
                job_id = await app.configure_task(task, queueing_lock=task).defer_async()
            except errors.AlreadyEnqueued as exc:
                raise JobError(f"{task} is queued already", "see `seogo schedule list`") from exc
            await app.run_worker_async(queues=[schedule.QUEUE], wait=False)
            job = schedule.job(job_id=job_id)
            while (found := await asyncio.to_thread(self._fetch, job))[0].state == "doing":
                await asyncio.sleep(LOOK_S)  # another scheduler was faster
            return found[0]

    async def _cancel(self, job_id: int) -> bool:
        app = self._app(periodic=False)
        async with app.open_async():
            return await app.job_manager.cancel_job_by_id_async(job_id, abort=True)

    def _fetch(self, query: Query[T]) -> list[T]:
        with connect.session(self._db, vectors=False) as conn:
            return fetch(conn, query)

    def _app(self, *, periodic: bool) -> procrastinate.App:
        connector = procrastinate.PsycopgConnector(
            conninfo=connect.database_url(self._db),
            min_size=1,
            max_size=AT_ONCE + 2,
            kwargs={"options": schedule.SEARCH_PATH, "application_name": "seogo-schedule"},
        )
        app = procrastinate.App(connector=connector)
        app.job_manager = _JobManager(connector)
        again = procrastinate.RetryStrategy(max_attempts=ATTEMPTS - 1, wait=RETRY_S)
        for task in (*TASKS, *ASKED):
            app.task(
                name=task.name,
                queue=schedule.QUEUE,
                lock=task.name,
                queueing_lock=task.name,
                pass_context=True,
                retry=again if task in TASKS else False,
            )(self._body(task))
        if periodic:
            # Jobs of a killed scheduler hold their lock, and would block their task.
            @app.periodic(cron=RECOVER_CRON)
            @app.task(name=RECOVER, queue=UPKEEP, queueing_lock=RECOVER)
            async def recover(timestamp: int) -> None:
                await self._recover(app)

        return app

    async def _recover(self, app: procrastinate.App) -> None:
        """Retry jobs of dead schedulers within their attempts; delete old jobs."""
        for job in await app.job_manager.get_stalled_jobs():
            log.warning("job %s (%s): its scheduler is gone", job.id, job.task_name)
            try:
                if job.attempts + 1 < ATTEMPTS:
                    await app.job_manager.retry_job(job)
                else:
                    await app.job_manager.finish_job(job, Status.FAILED, delete_job=False)
            except errors.ConnectorException as exc:  # another scheduler was faster
                log.warning("job %s: %s", job.id, exc.__cause__ or exc)
        await asyncio.to_thread(self._fetch, schedule.close_runs())
        await app.job_manager.delete_old_jobs(nb_hours=1, queue=UPKEEP)
        await app.job_manager.delete_old_jobs(
            nb_hours=KEPT_HOURS, include_failed=True, include_cancelled=True, include_aborted=True
        )

    def _body(self, task: Task) -> Callable[..., None]:
        def body(
            context: procrastinate.JobContext, timestamp: int | None = None, **given: Any
        ) -> None:
            self._perform(task, context, timestamp, given)

        return body

    def _perform(
        self,
        task: Task,
        context: procrastinate.JobContext,
        due: int | None,
        given: dict[str, Any],
    ) -> None:
        """Run a task in its thread, and record the result."""

        def step() -> None:
            if context.should_abort():
                raise Stopped

        args: dict[str, Any] = {"job_id": context.job.id, "due": due, **given}
        with connect.session(self._db) as conn:
            run_id = fetch(conn, runs.start(kind=task.name, args=args))[0].id
            try:
                counts = task.run(conn, self._encoders, step, **given)
            except Stopped:
                fetch(conn, runs.finish(run_id=run_id, state="stopped"))
                raise errors.JobAborted from None
            except Exception as exc:
                fetch(conn, runs.finish(run_id=run_id, state="failed", error=str(exc)))
                raise
            fetch(conn, schedule.record_counts(run_id=run_id, counts=counts))
            fetch(conn, runs.finish(run_id=run_id, state="done"))
        log.info("%s: %s", task.name, counts)


def _run(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end.

    Raises:
        JobError: the queue's tables cannot be used.
    """
    try:
        return asyncio.run(work)
    except errors.ConnectorException as exc:
        raise JobError(
            f"the queue of tasks: {exc.__cause__ or exc}", "look at it: `seogo doctor`"
        ) from exc


class _JobManager(JobManager):
    """Procrastinate's manager; a job whose task is queued already fails instead of being retried.

    That one fails; it would count as running for ever, and hold up its task.
    """

    async def retry_job(self, job: procrastinate.jobs.Job, *args: Any, **kwargs: Any) -> None:
        try:
            await super().retry_job(job, *args, **kwargs)
        except errors.UniqueViolation:
            await self.finish_job(job, Status.FAILED, delete_job=False)


async def _wait_for_signal() -> None:
    """Wait for SIGTERM or SIGINT; the next one has its default effect."""
    loop = asyncio.get_running_loop()
    signalled = asyncio.Event()
    numbers = (signal.SIGTERM, signal.SIGINT)
    for number in numbers:
        loop.add_signal_handler(number, signalled.set)
    await signalled.wait()
    for number in numbers:
        loop.remove_signal_handler(number)
