"""`seogo ingest`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from db.items import create_collection
from db.query import fetch
from jobs import ingest as job
from jobs import recipes
from jobs.cli.console import database, err, out, progress

SHOWN_ERRORS = 20
RECIPES_HELP = "How records become items. " + "  ".join(
    f"{r.name}: {r.about}." for r in recipes.RECIPES
)


def ingest(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="JSON lines, UTF-8.")
    ],
    collection: Annotated[str, typer.Option("--collection", "-c", help="Where the items go.")],
    recipe: Annotated[
        str | None,
        typer.Option(
            help=RECIPES_HELP + " Given by name, it also makes a collection that is missing."
        ),
    ] = None,
) -> None:
    """Read items from a JSONL file into a collection; the same external_id again is an update.

    A record that cannot be read is reported with its line and the rest goes on; the exit status is
    then 1. Words and part numbers are searchable at once, meaning after `seogo embed`.
    """
    chosen = recipes.get(recipe or "generic")
    with database() as conn:
        if recipe is not None:
            fetch(conn, create_collection(name=collection, settings=chosen.collection))
        with file.open("rb") as lines, progress() as bar:
            task = bar.add_task(f"ingest {escape(file.name)}", total=file.stat().st_size)
            report = job.run(
                conn,
                lines,
                collection=collection,
                recipe=chosen,
                on_line=lambda line: bar.advance(task, len(line)),
            )
    out.print(
        f"{collection}: {report.inserted} inserted, {report.updated} updated,"
        f" {report.unchanged} unchanged, {len(report.errors)} refused"
    )
    if report.errors:
        _show(file, report.errors)
        raise typer.Exit(1)


def _show(file: Path, errors: list[job.LineError]) -> None:
    for error in errors[:SHOWN_ERRORS]:
        key = f" ({error.external_id})" if error.external_id else ""
        err.print(f"{file.name}:{error.line}{key}: {error.reason}", markup=False, highlight=False)
    if len(errors) > SHOWN_ERRORS:
        err.print(f"… and {len(errors) - SHOWN_ERRORS} more")
