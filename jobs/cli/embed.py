"""`seogo embed`."""

from __future__ import annotations

from functools import partial

import typer

from db import ops
from db.query import fetch
from db.settings import read
from encoders.settings import EncoderSettings
from jobs import embed as job
from jobs.cli.console import database, err, out, progress


def embed() -> None:
    """Encode every text whose vector is missing or stale, once, and stop.

    The first run builds the offline multilingual model (some seconds). Interrupted, it loses
    nothing: run it again.
    """
    settings = read(EncoderSettings)
    failed = 0
    with database() as conn:
        for name in job.ensure_spaces(conn, settings):
            out.print(f"space {name}: encoder {settings.text_encoder}")
        for space in fetch(conn, ops.live_spaces()):
            waiting = fetch(conn, ops.due(space_id=space.space_id))[0].n
            if not waiting:
                out.print(f"{space.space}: nothing to encode")
                continue
            encoder = job.encoder_of(space, settings, lambda text: err.print(text, highlight=False))
            with progress() as bar:
                task = bar.add_task(f"embed {space.space}", total=waiting)
                report = job.run(conn, space, encoder, on_items=partial(bar.advance, task))
            failed += report.failed
            out.print(
                f"{space.space}: {report.stored} items in {report.vectors} vectors,"
                f" {report.changed_meanwhile} changed meanwhile (queued again), {report.failed} failed"
            )
    if failed:
        err.print("the errors are in ops.outbox; they are tried again by the next `seogo embed`")
        raise typer.Exit(1)
