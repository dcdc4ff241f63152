"""`seogo ingest`: load records and pictures into a collection."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from psycopg.errors import InsufficientPrivilege

from db.calls.query import fetch
from db.items.items import named_collection
from db.operations import runs
from jobs.cli.console import database, err, out
from jobs.cli.items.collection import make_collection
from jobs.cli.items.embed import build_pipeline, finish
from jobs.cli.items.stages import StageDisplay
from jobs.cli.operations.maintain import run_shown
from jobs.cli.signals import stopped_by_signals
from jobs.errors import JobError
from jobs.ingest import attempts, source
from jobs.ingest.write import UNUSED, IngestReport
from jobs.maintain import MaintenanceReport, count_words
from jobs.recipes import registry as recipes
from jobs.stages.config import from_environment

if TYPE_CHECKING:
    import threading

    import psycopg

    from jobs.ingest.attempts import IngestAttempt
    from jobs.stages.progress import Meter

SHOWN_ERRORS = 20
# So many new items are worth the maintenance of the index; fewer are searched fast as they are.
MAINTAINED_FROM = 4_000
RECIPES_HELP = "How records become items. " + "  ".join(
    f"{r.name}: {r.about}." for r in recipes.RECIPES
)


def ingest(
    path: Annotated[
        Path | None,
        typer.Argument(
            exists=True,
            readable=True,
            help="JSON lines or CSV, UTF-8; or a folder of pictures with a manifest.jsonl or manifest.csv.",
        ),
    ] = None,
    collection: Annotated[
        str | None, typer.Option("--collection", "-c", help="Where the items go.")
    ] = None,
    recipe: Annotated[
        str | None,
        typer.Option(
            help=RECIPES_HELP + " Given by name, it also makes a collection that is missing."
        ),
    ] = None,
    media: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            file_okay=False,
            help="Folder in which pictures are looked for by path or name. Default: where the file is.",
        ),
    ] = None,
    allow_urls: Annotated[
        bool,
        typer.Option("--allow-urls", help="Fetch pictures named by URL, from public addresses."),
    ] = False,
    load_only: Annotated[
        bool,
        typer.Option("--load-only", help="Leave reading pictures and encoding to `seogo embed`."),
    ] = False,
    check: Annotated[
        bool,
        typer.Option(
            "--check",
            help="Write nothing: say what contradicts itself in the records and their pictures, and with"
            " what is stored.",
        ),
    ] = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the last run that did not come to its end.")
    ] = False,
    retry_errors: Annotated[
        int | None,
        typer.Option(
            metavar="RUN",
            help="Try the records again that this run did not take, from its mended file, or from PATH.",
        ),
    ] = None,
) -> None:
    """Read items and their pictures into a collection; the same external_id again is an update.

    Words and part numbers are searchable as soon as they are loaded; reading the pictures and
    encoding go on beside it. A record or picture that cannot be read is reported with its line, kept
    with its reason, and the rest goes on; the exit status is then 1.
    """
    if check and (resume or retry_errors is not None):
        raise JobError("--check looks at a file", "give FILE and --collection")
    if resume or retry_errors is not None:
        if collection is not None or recipe is not None or (resume and path is not None):
            raise JobError(
                "the run knows what it was told", "leave FILE, --collection, --recipe out"
            )
        with database() as conn:
            if retry_errors is None:
                attempt = attempts.resume(conn)
            else:
                mended = None if path is None else source.find(path, media)
                attempt = attempts.retry(conn, retry_errors, mended)
        _go(attempt, load_only=load_only)
    elif path is None or collection is None:
        raise JobError(
            "say what to ingest and into which collection",
            "seogo ingest examples/parts.jsonl --collection parts --recipe parts",
        )
    elif check:
        _check(path, collection, recipe, media, allow_urls=allow_urls)
    else:
        load(path, collection, recipe, media=media, allow_urls=allow_urls, load_only=load_only)


def _check(
    path: Path, collection: str, recipe: str | None, media: Path | None, *, allow_urls: bool
) -> None:
    """Check a file or folder; a collection that is missing takes a recipe to be judged by."""
    from jobs.cli.items.check import check  # with the engines that read pictures

    chosen = recipes.get(recipe or "generic")
    given = source.find(path, media)
    given.check(chosen)
    if recipe is None:
        with database() as conn:
            fetch(conn, named_collection(collection=collection))
    check(given, collection, chosen, allow_urls=allow_urls)


def load(
    path: Path,
    collection: str,
    recipe: str | None,
    *,
    media: Path | None = None,
    allow_urls: bool = False,
    load_only: bool = False,
    again: str | None = None,
) -> None:
    """Load a file or folder, and have it read and encoded.

    Args:
        path: JSON lines or CSV, or a folder with a manifest.
        collection: where the items go.
        recipe: given, it also makes a collection that is missing; None: generic.
        media: folder of the pictures.
        allow_urls: fetch pictures named by URL.
        load_only: leave reading and encoding to others.
        again: how to go on after errors where the file will not be there any more.
    """
    chosen = recipes.get(recipe or "generic")
    given = source.find(path, media)
    given.check(chosen)
    with database() as conn:
        if recipe is not None:
            make_collection(conn, collection, chosen)
        attempt = attempts.begin(
            conn, given, collection=collection, recipe=chosen.name, allow_urls=allow_urls
        )
    _go(attempt, load_only=load_only, again=again)


def _go(attempt: IngestAttempt, *, load_only: bool, again: str | None = None) -> None:
    def load_records(conn: psycopg.Connection[Any], meter: Meter, stop: threading.Event) -> None:
        last = attempt.after_line
        meter.wait_for(attempt.total - last)

        def on_line(line: int) -> None:
            nonlocal last
            meter.count(done=line - last)
            meter.wait_for(max(attempt.total - line, 0))
            last = line

        with meter.working():
            attempt.run(conn, on_line=on_line, stop=stop)

    pipeline = build_pipeline(
        from_environment(), load=load_records, load_only=load_only, run_id=attempt.run_id
    )
    if attempt.about:
        out.print(attempt.about, markup=False, highlight=False, soft_wrap=True)
    try:
        with stopped_by_signals(pipeline.interrupt), StageDisplay(pipeline.meters) as display:
            pipeline.run(display.tick)
    except KeyboardInterrupt:
        err.print(f"to go on: {again or 'seogo ingest --resume'}", markup=False, highlight=False)
        raise
    with database() as conn:
        refused = show_outcome(conn, attempt, again)
        _maintain(conn, attempt)
    failed = 0 if load_only else finish(pipeline, pipeline.meters)
    if refused or failed:
        raise typer.Exit(1)


def _maintain(conn: psycopg.Connection[Any], attempt: IngestAttempt) -> None:
    """Count new words; make the index of a collection that was empty compact, once it is full."""
    (run,) = fetch(conn, runs.get(run_id=attempt.run_id))
    large = attempt.args.into_empty and run.counts.get("inserted", 0) >= MAINTAINED_FROM
    report = MaintenanceReport()
    try:
        if large:
            report = run_shown(conn, attempt.args.collection)
        else:
            count_words(conn, attempt.args.collection, report)
        if report.uncounted:
            out.print("corrections of mistyped words come with the next: seogo maintain")
    except InsufficientPrivilege:
        err.print(
            "to make its searches fast and to correct mistyped words, have the owner of the database"
            " run: seogo maintain"
        )


def show_outcome(
    conn: psycopg.Connection[Any], attempt: IngestAttempt, again: str | None = None
) -> int:
    """Print the result of all attempts at the run; returns how many records were refused."""
    (run,) = fetch(conn, runs.get(run_id=attempt.run_id))
    n = {name: run.counts.get(name, 0) for name in IngestReport().counts()}
    out.print(
        f"{attempt.args.collection}: {n['inserted']} inserted, {n['updated']} updated,"
        f" {n['unchanged']} unchanged, {n['refused']} refused"
        + (
            f"; {n['pictures']} pictures, {n['refused_pictures']} refused"
            if n["pictures"] or n["refused_pictures"]
            else ""
        )
    )
    unused = {n: c for n, c in run.counts.items() if n.startswith(UNUSED)}
    if unused:
        keys = ", ".join(f"{n.removeprefix(UNUSED)} ({c:,} records)" for n, c in unused.items())
        unplaced = f"keys that the recipe {attempt.args.recipe} has no place for: {keys}"
        out.print(unplaced, markup=False, highlight=False, soft_wrap=True)
    _show_errors(conn, run, attempt, again)
    return run.errors


def _show_errors(
    conn: psycopg.Connection[Any], run: runs.Run, attempt: IngestAttempt, again: str | None
) -> None:
    """Print the first errors of a run, and how to go on."""
    for error in fetch(conn, runs.errors(run_id=run.run_id, shown=SHOWN_ERRORS)):
        key = f" ({error.external_id})" if error.external_id else ""
        where = f"{Path(attempt.args.file).name}:{error.place.removeprefix('line ')}"
        err.print(f"{where}{key}: {error.reason}", markup=False, highlight=False, soft_wrap=True)
    if run.errors > SHOWN_ERRORS:
        err.print(f"… and {run.errors - SHOWN_ERRORS} more: SELECT * FROM ops.run_item_error")
    if run.errors:
        file = f"reads {attempt.args.file} again"
        how = again or f"once mended: seogo ingest --retry-errors {run.run_id} ({file})"
        err.print(how, markup=False, highlight=False, soft_wrap=True)
