"""`seogo eval gate`: targets from a file, one report, an exit status."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from db.settings import read
from encoders.settings import EncoderSettings
from jobs.cli.console import database, out, progress
from jobs.cli.outputs import writable_file
from jobs.proof import gate as job
from jobs.proof import report as reports
from jobs.proof import targets

if TYPE_CHECKING:
    from rich.progress import TaskID

FAILED = 2


def gate(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="A file of targets.")
    ],
    json: Annotated[
        Path | None, typer.Option(callback=writable_file, help="Write the report as JSON.")
    ] = None,
    html: Annotated[
        Path | None, typer.Option(callback=writable_file, help="Write it as a page.")
    ] = None,
    url: Annotated[
        str | None, typer.Option(help="Send the requests to this server, not to this program.")
    ] = None,
    key: Annotated[str | None, typer.Option(envvar="SEOGO_KEY", help="Its key, if any.")] = None,
) -> None:
    """Measure whether a collection reaches its targets: recall, rank, time, memory, every request answered.

    Each check of the file asks a query set, measures its answers, then sends whole searches (1,000 unless it
    says otherwise), all of which must be answered. Exit status 0: every target is reached; 2: one is not;
    1: it could not be measured.

    seogo eval gate examples/targets/parts.toml --html gate.html
    """
    wanted = targets.read(file)
    with database() as conn, progress() as bar:
        tasks: dict[str, TaskID] = {}

        def on_step(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=total)
            bar.update(tasks[what], completed=done)

        server = None if url is None else (url, key)
        found = job.run(conn, read(EncoderSettings), wanted, server, on_step)
    for line in reports.lines(found):
        out.print(line, markup=False, highlight=False, soft_wrap=True)
    if json is not None:
        json.write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n")
    if html is not None:
        html.write_text(reports.html(found), encoding="utf-8")
    if not found.passed:
        raise typer.Exit(FAILED)
