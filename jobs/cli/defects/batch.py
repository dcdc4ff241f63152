"""A folder of pictures, inspected as a run; its report."""

from __future__ import annotations

import threading
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING

import typer

from db.settings import read
from encoders.settings import EncoderSettings, GuideSettings
from flows.batches import batch_table
from flows.local import Local
from jobs.cli.console import database, err, out, progress
from jobs.cli.outputs import write_or_show
from jobs.cli.signals import stopped_by_signals
from jobs.defects import batch, batchreport

if TYPE_CHECKING:
    from collections import Counter
    from pathlib import Path

    from flows.inspection import AnalyzeIn


def inspect_folder(
    folder: Path,
    request: AnalyzeIn | None,
    resume: int | None,
    table: Path | None,
    page: Path | None,
) -> None:
    """Inspect a folder's pictures, or what run `resume` left of them; then write the reports.

    Raises:
        typer.Exit: it was stopped, or pictures were refused.
    """
    files = batch.find_pictures(folder)
    stop = threading.Event()
    with (
        database() as conn,
        closing(Local(conn, read(EncoderSettings), read(GuideSettings))) as local,
    ):
        if request is None:
            run_id = resume or 0
            request = batch.resume(conn, run_id, folder)
        else:
            run_id = batch.begin(conn, folder, request, len(files))
        with progress() as bars, stopped_by_signals(stop.set):
            task = bars.add_task("pictures", total=len(files))
            tell = partial(bars.update, task)
            counts = batch.run(conn, local, run_id, request, files, tell, stop)
        if table is not None:
            write_or_show(local.run(batch_table(run_id)), table)
        if page is not None:
            write_or_show(batchreport.page(conn, run_id), page)
    _finish(folder, run_id, counts, stopped=stop.is_set())


def _finish(folder: Path, run_id: int, counts: Counter[str], *, stopped: bool) -> None:
    said = ", ".join(f"{n} {verdict}" for verdict, n in sorted(counts.items())) or "nothing left"
    out.print(f"run {run_id}: {said}", highlight=False)
    if stopped:
        err.print(f"to go on: seogo defects analyze {folder} --resume {run_id}", markup=False)
    if stopped or counts["refused"]:
        raise typer.Exit(1)
