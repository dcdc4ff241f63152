"""`seogo schedule`: scheduled tasks and their jobs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.box import SIMPLE
from rich.markup import escape
from rich.table import Table

from db import logs
from db.calls.query import fetch
from db.operations import schedule as queue
from db.settings import DbSettings, read
from encoders.settings import EncoderSettings
from inputs.cron import OFF, due_after, fault, in_use
from jobs.cli.console import database, out
from jobs.cli.values import MOST_LONG_ID
from jobs.errors import JobError
from jobs.schedule.scheduler import Scheduler
from jobs.schedule.settings import ScheduleSettings
from jobs.schedule.tasks import TASKS, get_task

if TYPE_CHECKING:
    from db.operations.schedule import Job

app = typer.Typer(
    no_args_is_help=True,
    help="Tasks by the clock: indexes, vectors, measurements.\n\n"
    "As a service:  seogo schedule run --forever.  When each is due (cron, UTC): SEOGO_CRON_…,"
    " or seogo schedule set.",
)

NAMES = ", ".join(task.name for task in TASKS)


@app.command("list")
def list_(
    jobs: Annotated[int, typer.Option(min=0, max=10_000, help="The latest jobs shown.")] = 10,
) -> None:
    """List the tasks, when they are due (UTC), and what became of the latest jobs."""
    settings = read(ScheduleSettings)
    with database() as conn:
        last = {job.task: job for job in fetch(conn, queue.last_jobs())}
        latest = fetch(conn, queue.jobs(limit=jobs)) if jobs else []
        people = {row.task: row.cron for row in fetch(conn, queue.task_times())}
    troubles = settings.troubles()
    table = Table("task", "cron", "next", "last", "what it does", box=SIMPLE)
    for task in TASKS:
        cron = in_use(people.get(task.name), settings.cron(task.name))
        found = last.get(task.name)
        told = "never" if found is None else f"{found.state} {_at(found.started_at)}"
        shown = "wrong" if cron is None and task.name in troubles else cron or OFF
        table.add_row(task.name, shown, _next(cron), told, task.about)
    out.print(table)
    if latest:
        out.print(_jobs_table(latest))
    if troubles:
        raise JobError(
            f"{'; '.join(troubles.values())}", "until it is mended the task is off; the others run"
        )


@app.command()
def run(
    task: Annotated[
        str | None, typer.Argument(help=f"Run this one now: {NAMES}.", show_default=False)
    ] = None,
    forever: Annotated[
        bool, typer.Option("--forever", help="Queue tasks when they are due, and run them.")
    ] = False,
) -> None:
    """Run a task now, or what is queued, or the schedule for ever.

    Any number of schedulers may run on as many machines: a task runs once per time, one at a time.

    For example:  seogo schedule run merge_postings
    """
    with database():
        pass
    logs.configure()
    scheduler = Scheduler(read(DbSettings), read(EncoderSettings), read(ScheduleSettings))
    if forever:
        scheduler.run_forever()
    elif task is None:
        scheduler.run_due()
    else:
        done = scheduler.run_now(task)
        counts = ", ".join(f"{name} {n}" for name, n in (done.counts or {}).items())
        state = done.state
        if state == "todo" and done.scheduled_at is not None:
            state = f"failed, to be tried again from {_at(done.scheduled_at)} on:"
        told = f"{task} (job {done.job_id}): {state} {counts or done.error or ''}"
        out.print(told, markup=False, highlight=False)
        if done.state != "succeeded":
            raise typer.Exit(1)


@app.command("set")
def set_(
    task: Annotated[str, typer.Argument(help=f"One of {NAMES}.", show_default=False)],
    cron: Annotated[
        str | None, typer.Argument(help="In UTC, or off; without it, as the settings say.")
    ] = None,
) -> None:
    """Set when a task is due, before SEOGO_CRON_…; schedulers take it within three minutes.

    For example:  seogo schedule set backup "30 17 * * *"
    """
    get_task(task)
    wrong = None if cron in (None, OFF) else fault(cron)
    if wrong:
        raise JobError(f"{cron!r} {wrong}")
    with database() as conn:
        fetch(conn, queue.set_task_time(task=task, cron=cron))
    out.print(f"{task}: {cron or 'as the settings say'}", markup=False, highlight=False)


@app.command()
def cancel(
    job: Annotated[
        int, typer.Argument(min=1, max=MOST_LONG_ID, help="Its number, by `seogo schedule list`.")
    ],
) -> None:
    """Take a job out of the queue; one that runs stops at its next step."""
    with database():
        pass
    Scheduler(read(DbSettings), read(EncoderSettings), read(ScheduleSettings)).cancel(job)
    out.print(f"job {job} cancelled, or asked to stop")


def _jobs_table(jobs: list[Job]) -> Table:
    table = Table("job", "task", "state", "started", "finished", "what came of it", box=SIMPLE)
    for job in jobs:
        counts = ", ".join(f"{name} {n}" for name, n in (job.counts or {}).items())
        times = (_at(job.started_at), _at(job.finished_at))
        table.add_row(str(job.job_id), job.task, job.state, *times, escape(job.error or counts))
    return table


def _at(moment: datetime | None) -> str:
    return "" if moment is None else f"{moment.astimezone(UTC):%m-%d %H:%M:%S}"


def _next(cron: str | None) -> str:
    if cron is None:
        return ""
    return _at(due_after(cron, datetime.now(UTC)))
