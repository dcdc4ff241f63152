"""`seogo worker`: read pictures and encode vectors for ever."""

from __future__ import annotations

import logging
from typing import Annotated

import msgspec
import typer

from db.settings import read
from jobs.cli.console import database
from jobs.cli.items.unserved import warn_unserved
from jobs.cli.signals import stopped_by_signals
from jobs.errors import JobError
from jobs.stages import worker as job
from jobs.stages.config import from_environment
from jobs.stages.settings import WorkerSettings
from jobs.stages.stage import KEYS, StageKey


def worker(
    stages: Annotated[
        str, typer.Option(help="What it does; name fewer to leave the others to other workers.")
    ] = ",".join(KEYS),
    lanes: Annotated[
        int | None,
        typer.Option(min=1, help="Batches of vectors under way at once; SEOGO_WORKER_LANES."),
    ] = None,
    once: Annotated[
        bool, typer.Option("--once", help="Stop when nothing waits, and fail where anything fails.")
    ] = False,
) -> None:
    """Read pictures and encode what is new or changed, for ever, on as many machines as you like.

    Ctrl-C and SIGTERM finish the batches under way and stop; a second one stops at once. It waits for
    a database that is down. What cannot be encoded: seogo failed list.

    On the machine with the GPU:  seogo worker --stages vectors

    Until nothing waits, say in a script:  seogo worker --once
    """
    chosen = [_stage(name.strip()) for name in stages.split(",")]
    settings = read(WorkerSettings)
    if lanes is not None:
        settings = msgspec.structs.replace(settings, worker_lanes=lanes)
    with (
        database() as conn
    ):  # fails here, with a clear message; later it would wait for better times
        if not once:
            warn_unserved(conn)
    log_to_stderr()
    running = job.Worker(from_environment(), settings, stages=chosen, once=once)
    with stopped_by_signals(running.request_stop):
        running.run()
    if once:
        with database() as conn:
            warn_unserved(conn)


def log_to_stderr() -> None:
    """Log lines of the long-running commands, with the time."""
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    # The addresses of receivers may hold passwords; httpx logs them.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    # It has a line for everything it looks at; ours say what matters.
    logging.getLogger("procrastinate").setLevel(logging.WARNING)


def _stage(name: str) -> StageKey:
    for stage in KEYS:
        if name == stage:
            return stage
    raise JobError(f"a worker has no stage {name}", f"the stages are {', '.join(KEYS)}")
