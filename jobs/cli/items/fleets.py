"""Options of commands that let a Ray cluster do the work, and what its replicas did."""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer
from rich.box import SIMPLE
from rich.table import Table

from db import connect
from db.settings import PREFIX
from jobs.cli.console import out
from jobs.errors import JobError
from jobs.fleet import cluster
from jobs.fleet.cluster import MachineShare
from jobs.fleet.fleet import Fleet
from jobs.fleet.replica import ReplicaOrder, WorkDone
from jobs.fleet.scaling import Bounds
from jobs.stages.settings import WorkerSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jobs.stages.config import PipelineSettings
    from jobs.stages.stage import StageKey

Ray = Annotated[
    str | None,
    typer.Option(
        help="Let a Ray cluster do it: HOST:6379, auto (the cluster this machine is in), local (one of"
        " this machine alone)."
    ),
]
Replicas = Annotated[
    str | None,
    typer.Option(
        help="With --ray: how many. auto: as many as the queues need, at least 1; 0-8: the same, within"
        " bounds. Unset: auto.",
        metavar="N|auto|MIN-MAX",
    ),
]
Cpus = Annotated[
    float | None,
    typer.Option(min=0, help="With --ray: cores of one replica, and threads of its encoder. [1]"),
]
Gpus = Annotated[
    float | None,
    typer.Option(min=0, help="With --ray: GPUs of one replica; 0.5: two share one. [0]"),
]
# What means something to the program itself, not to its replicas.
NOT_SENT = frozenset({f"{PREFIX}DATABASE_PASSWORD_FILE", f"{PREFIX}HOME", f"{PREFIX}LOG_FILE"})
MOST = 1024


class FleetWish(msgspec.Struct, frozen=True, kw_only=True):
    """A fleet as options describe it; most None: as many as there is room for."""

    address: str
    least: int = 1
    most: int | None = None
    share: MachineShare = MachineShare()


def wish(
    ray: str | None, replicas: str | None, cpus: float | None, gpus: float | None
) -> FleetWish | None:
    """Read the options; None without --ray.

    Raises:
        JobError: options that mean something with --ray alone, or replicas that are no number.
    """
    if ray is None:
        if replicas is not None or cpus is not None or gpus is not None:
            raise JobError("--replicas, --cpus and --gpus describe replicas", "add --ray ADDRESS")
        return None
    share = MachineShare(cpus=1.0 if cpus is None else cpus, gpus=gpus or 0.0)
    if replicas in (None, "auto"):
        return FleetWish(address=ray, share=share)
    found = re.fullmatch(r"(\d{1,4})(?:-(\d{1,4}))?", replicas)
    least, most = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
    if not 0 <= least <= most <= MOST or not most:
        raise JobError(
            f"--replicas {replicas}: no number of replicas", "4, auto, or bounds: 0-8; most 1024"
        )
    return FleetWish(address=ray, least=least, most=most, share=share)


@contextmanager
def fleet(
    wish: FleetWish,
    settings: PipelineSettings,
    worker: WorkerSettings | None = None,
    *,
    stages: tuple[StageKey, ...],
) -> Iterator[Fleet]:
    """Join the cluster and prepare the fleet there."""
    with cluster.joined(wish.address) as ray:
        places = cluster.room(ray, wish.share)
        most = wish.most or max(places, wish.least)
        bounds = f"{most}" if wish.least == most else f"{wish.least} to {most}"
        out.print(f"replicas: {bounds}, each with {wish.share}; room for {places}", highlight=False)
        if most > places:
            out.print("the others wait for machines: ray start --address HOST:6379")
        poll_s = (worker or WorkerSettings()).worker_poll_s
        order = ReplicaOrder(
            environment=_environment(settings, worker),
            stages=stages,
            threads=max(int(wish.share.cpus), 1),
        )
        yield Fleet(ray, settings, order, wish.share, Bounds(wish.least, most), poll_s=poll_s)


def print_members(fleet: Fleet) -> None:
    """Print what each replica has done."""
    table = Table("replica", "machine", "placed anew", "done", "failed", "at work", box=SIMPLE)
    for member in fleet.members:
        now = sum(member.counted.values(), WorkDone())
        cells = (member.restarts, f"{now.done:,}", f"{now.failed:,}", f"{now.busy_s:,.0f} s")
        table.add_row(str(member.number), member.machine, *map(str, cells))
    if fleet.members:
        out.print(table)


def _environment(settings: PipelineSettings, worker: WorkerSettings | None) -> dict[str, str]:
    """The variables that replicas run with: ours, and the database with its password."""
    ours = {
        name: value
        for name, value in os.environ.items()
        if name.startswith((PREFIX, "PG")) and name not in NOT_SENT
    }
    ours[f"{PREFIX}DATABASE_URL"] = connect.database_url(settings.db)
    if worker is not None:  # an option of the command may have changed it
        ours[f"{PREFIX}WORKER_LANES"] = str(worker.worker_lanes)
    return ours
