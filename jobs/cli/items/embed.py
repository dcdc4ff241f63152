"""`seogo embed`: read pictures and encode vectors once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from db.calls.query import fetch
from db.operations import readings
from db.spaces import embedding
from jobs import embed as job
from jobs.cli.console import database, err, out, progress
from jobs.cli.items.stages import StageDisplay, summary
from jobs.cli.items.unserved import warn_unserved
from jobs.cli.signals import stopped_by_signals
from jobs.stages.config import from_environment
from jobs.stages.pipeline import Pipeline

if TYPE_CHECKING:
    from jobs.stages.config import PipelineSettings
    from jobs.stages.pipeline import Load

SHOWN_REASONS = 10


def embed() -> None:
    """Read every picture that waits and encode all that is missing or stale, once, and stop.

    The first run builds the offline models (some seconds). Interrupted, it loses nothing: run it
    again.
    """
    settings = from_environment()
    pipeline = build_pipeline(settings)
    with stopped_by_signals(pipeline.interrupt), StageDisplay(pipeline) as display:
        pipeline.run(display.tick)
    if finish(pipeline):
        raise typer.Exit(1)


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


def finish(pipeline: Pipeline) -> int:
    """Build indexes and say what was done; returns how many things failed."""
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
    failed = summary(pipeline)
    now = [meter.read() for meter in pipeline.meters.values()]
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
