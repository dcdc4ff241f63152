"""`seogo embed`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import typer

from db import ops
from db.query import fetch
from db.settings import read
from encoders.settings import EncoderSettings
from jobs import embed as job
from jobs import vector_index
from jobs.cli.console import database, err, out, progress

if TYPE_CHECKING:
    import psycopg

    from db.rows import Space


def embed() -> None:
    """Encode every text whose vector is missing or stale, once, and stop.

    The first run builds the offline multilingual model (some seconds). Interrupted, it loses
    nothing: run it again.
    """
    settings = read(EncoderSettings)
    failed = 0
    with database() as conn:
        for made in job.ensure_spaces(conn, settings):
            out.print(f"space {made}")
        for space in fetch(conn, ops.live_spaces()):
            failed += _fill(conn, space, settings)
            _index(conn, space)
    if failed:
        err.print("the errors are in ops.outbox; they are tried again by the next `seogo embed`")
        raise typer.Exit(1)


def _fill(conn: psycopg.Connection[Any], space: Space, settings: EncoderSettings) -> int:
    """Encode what waits in a space, queries first; returns how many items failed."""
    waiting = fetch(conn, ops.due(space_id=space.space_id))[0].n
    queries = fetch(conn, ops.waiting_queries(space_id=space.space_id, batch_n=1))
    if not waiting and not queries:
        out.print(f"{space.space}: nothing to encode")
        return 0
    encoder = job.encoder_of(space, settings, lambda text: err.print(text, highlight=False))
    if answered := job.answer_queries(conn, space, encoder):
        out.print(f"{space.space}: {answered} query texts encoded")
    with progress() as bar:
        task = bar.add_task(f"embed {space.space}", total=waiting)
        report = job.run(conn, space, encoder, on_items=partial(bar.advance, task))
    if waiting:
        out.print(
            f"{space.space}: {report.stored} items in {report.vectors} vectors,"
            f" {report.changed_meanwhile} changed meanwhile (queued again), {report.failed} failed"
        )
    return report.failed


def _index(conn: psycopg.Connection[Any], space: Space) -> None:
    with progress() as bar:
        task = bar.add_task(f"index {space.space}", total=None)
        built = vector_index.build(
            conn,
            space,
            on_progress=lambda phase, done, total: bar.update(
                task, description=f"index {space.space}: {phase}", completed=done, total=total
            ),
        )
    if built:
        out.print(f"{space.space}: index built")
