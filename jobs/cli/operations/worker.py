"""`seogo worker`: read pictures and encode vectors for ever."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer

from db import logs
from db.settings import read
from jobs.cli.console import database
from jobs.cli.items import fleets as options
from jobs.cli.items.unserved import warn_unserved
from jobs.cli.signals import stopped_by_signals
from jobs.errors import JobError
from jobs.fleet import cluster
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
    ray: options.Ray = None,
    replicas: options.Replicas = None,
    cpus: options.Cpus = None,
    gpus: options.Gpus = None,
) -> None:
    """Read pictures and encode what is new or changed, for ever, on as many machines as you like.

    Ctrl-C and SIGTERM finish the batches under way and stop; a second one stops at once. It waits for
    a database that is down. What cannot be encoded: seogo failed list.

    On the machine with the GPU:  seogo worker --stages vectors

    Until nothing waits, say in a script:  seogo worker --once

    On a Ray cluster, one to eight by the queue:  seogo worker --ray auto --replicas 1-8 --gpus 1
    """
    wish = options.wish(ray, replicas, cpus, gpus)
    if wish is not None:
        if once:
            raise JobError("--once and --ray do not go together", "seogo embed --ray ADDRESS ends")
        cluster.check(wish.address)
    chosen = [_stage(name.strip()) for name in stages.split(",")]
    settings = read(WorkerSettings)
    if lanes is not None:
        settings = msgspec.structs.replace(settings, worker_lanes=lanes)
    with (
        database() as conn
    ):  # fails here, with a clear message; later it would wait for better times
        if not once:
            warn_unserved(conn)
    logs.configure()
    if wish is not None:
        _run_fleet(wish, settings, tuple(chosen))
        return
    running = job.Worker(from_environment(), settings, stages=chosen, once=once)
    with stopped_by_signals(running.request_stop):
        running.run()
    if once:
        with database() as conn:
            warn_unserved(conn)


def _run_fleet(
    wish: options.FleetWish, settings: WorkerSettings, stages: tuple[StageKey, ...]
) -> None:
    with options.fleet(wish, from_environment(), settings, stages=stages) as fleet:
        with stopped_by_signals(fleet.request_stop):
            fleet.run()
        options.print_members(fleet)


def _stage(name: str) -> StageKey:
    for stage in KEYS:
        if name == stage:
            return stage
    raise JobError(f"a worker has no stage {name}", f"the stages are {', '.join(KEYS)}")
