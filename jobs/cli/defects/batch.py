"""A folder of pictures, inspected as a run; its report."""

from __future__ import annotations

import threading
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from db.errors import BadRequest
from db.settings import read
from encoders.settings import EncoderSettings, GuideSettings
from flows.batches import batch_table
from flows.inspection import AnalyzeIn
from flows.local import Local
from flows.reports.batch import batch_report
from jobs.cli.console import database, err, out, progress
from jobs.cli.outputs import writable_file, write_or_show
from jobs.cli.signals import stopped_by_signals
from jobs.defects import batch

if TYPE_CHECKING:
    from collections import Counter


def build_request(**given: str | None) -> AnalyzeIn:
    """Build what is asked of pictures.

    Raises:
        BadRequest: a name is none.
    """
    try:
        return msgspec.convert(given, AnalyzeIn)
    except msgspec.ValidationError as exc:
        raise BadRequest(
            str(exc), "`seogo defects list` shows products, views and defects"
        ) from exc


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
            write_or_show(local.run(batch_report(run_id)), page)
    _finish(folder, run_id, counts, stopped=stop.is_set())


def report(
    run: Annotated[int, typer.Argument(help="Number of the run; `seogo runs list` has it.")],
    page: Annotated[
        Path | None, typer.Option("--html", callback=writable_file, help="File; else it is shown.")
    ] = None,
    table: Annotated[
        Path | None,
        typer.Option("--csv", callback=writable_file, help="The table instead, or too."),
    ] = None,
) -> None:
    """Write the report of pictures that were inspected as a run, whoever inspected them.

    For a folder, an upload (POST /defects/batch), or a watched folder; also while it goes on.

    For example:  seogo defects report 17 --html today.html --csv today.csv
    """
    with database() as conn, closing(Local(conn, read(EncoderSettings))) as local:
        if table is not None:
            write_or_show(local.run(batch_table(run)), table)
        if page is not None or table is None:
            write_or_show(local.run(batch_report(run)), page)


def _finish(folder: Path, run_id: int, counts: Counter[str], *, stopped: bool) -> None:
    said = ", ".join(f"{n} {verdict}" for verdict, n in sorted(counts.items())) or "nothing left"
    out.print(f"run {run_id}: {said}", highlight=False)
    if stopped:
        err.print(f"to go on: seogo defects analyze {folder} --resume {run_id}", markup=False)
    if stopped or counts["refused"]:
        raise typer.Exit(1)
