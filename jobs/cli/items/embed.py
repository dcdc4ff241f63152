"""`seogo embed`: read pictures and encode vectors once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from db import logs
from db.calls.query import fetch
from db.operations import readings
from db.settings import LogSettings
from db.spaces import embedding
from jobs import embed as job
from jobs.cli.console import database, err, out, progress
from jobs.cli.items import fleets as options
from jobs.cli.items.stages import StageDisplay, summary
from jobs.cli.items.unserved import warn_unserved
from jobs.cli.signals import stopped_by_signals
from jobs.fleet import cluster
from jobs.stages.config import from_environment
from jobs.stages.pipeline import Pipeline

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jobs.stages.config import PipelineSettings
    from jobs.stages.pipeline import Load
    from jobs.stages.progress import Meter

SHOWN_REASONS = 10


def embed(
    ray: options.Ray = None,
    replicas: options.Replicas = None,
    cpus: options.Cpus = None,
    gpus: options.Gpus = None,
) -> None:
    """Read every picture that waits and encode all that is missing or stale, once, and stop.

    The first run builds the offline models (some seconds). Interrupted, it loses nothing: run it
    again.

    On all machines of a Ray cluster, a replica per GPU:  seogo embed --ray auto --gpus 1
    """
    wish = options.wish(ray, replicas, cpus, gpus)
    settings = from_environment()
    if wish is not None:
        cluster.check(wish.address)
    pipeline = build_pipeline(settings)
    if wish is None:
        with stopped_by_signals(pipeline.interrupt), StageDisplay(pipeline.meters) as display:
            pipeline.run(display.tick)
    if finish(pipeline, pipeline.meters if wish is None else drained(wish, settings)):
        raise typer.Exit(1)


def drained(wish: options.FleetWish, settings: PipelineSettings) -> Mapping[str, Meter]:
    """Let the replicas of a cluster drain the queues; returns the meters of their work.

    Raises:
        KeyboardInterrupt: it was interrupted.
    """
    # Beside the bars only what goes wrong, unless somebody set where lines go.
    quiet = LogSettings(log_format="text", log_level="warning")
    logs.configure(None if logs.wanted() else quiet)
    with options.fleet(wish, settings, stages=("ocr", "caption", "vectors")) as fleet:
        with stopped_by_signals(fleet.request_stop), StageDisplay(fleet.meters) as display:
            fleet.run(drain=True, on_tick=display.tick)
        options.print_members(fleet)
    if fleet.interrupted:
        raise KeyboardInterrupt
    return fleet.meters


def build_pipeline(
    settings: PipelineSettings,
    *,
    load: Load | None = None,
    load_only: bool = False,
    run_id: int | None = None,
) -> Pipeline:
    """Build a pipeline over all live spaces, after making those that collections ask for."""
    if load_only:
        return Pipeline(settings, None, load=load, run_id=run_id, tell=tell)
    with database() as conn:
        for made in job.ensure_spaces(conn, settings.encoders):
            out.print(f"space {made}")
        spaces = fetch(conn, embedding.live_spaces())
    return Pipeline(settings, spaces, load=load, run_id=run_id, tell=tell)


def finish(pipeline: Pipeline, meters: Mapping[str, Meter]) -> int:
    """Build indexes and say what was done, by the meters of its stages; returns how many failed."""
    with progress() as bar:
        task = bar.add_task("index", total=None, visible=False)
        built = pipeline.build_indexes(
            lambda space, phase, done, total: bar.update(
                task,
                description=f"index {space}: {phase}",
                completed=done,
                total=total,
                visible=True,
            )
        )
    failed = summary(meters)
    now = [meter.read() for meter in meters.values()]
    if not failed and not any(one.done or one.others for one in now):
        out.print("nothing to encode")
    for space in built:
        out.print(f"{space}: index built")
    if failed:
        _show_failures()
    with database() as conn:
        warn_unserved(conn)
    return failed


def _show_failures() -> None:
    with database() as conn:
        for one in fetch(conn, readings.failures(shown=SHOWN_REASONS)):
            of = f"{one.n} items, {one.example} among them" if one.n > 1 else one.example
            err.print(f"{one.stage}: {one.reason} ({of})", markup=False, highlight=False)
    err.print("once mended: seogo embed; it tries again what failed, ever more rarely")


def tell(text: str) -> None:
    """A line about slow work."""
    err.print(text, highlight=False)
