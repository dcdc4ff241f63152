"""`seogo reembed`: another encoder for a vector space, built beside the live one."""

from __future__ import annotations

import re
from contextlib import contextmanager
from datetime import time
from typing import TYPE_CHECKING, Annotated

import typer
from rich.box import SIMPLE
from rich.markup import escape
from rich.table import Table

from db.calls.query import fetch
from db.settings import read
from db.spaces import generations
from db.spaces.generations import Throttle
from encoders.settings import EncoderSettings
from jobs.cli.console import database, out, progress
from jobs.cli.values import Stored, finite
from jobs.reembed import lifecycle as job
from jobs.reembed.drop import drop as drop_job

if TYPE_CHECKING:
    from collections.abc import Iterator

    from db.spaces.generations import Drift, Generation
    from jobs.types import OnStep

app = typer.Typer(
    no_args_is_help=True,
    help="Another encoder for a vector space: built beside the live one, judged, switched to.\n\n"
    "In this order:  start;  status, while workers fill it;  switch;  rollback, if it disappoints;"
    "  drop, when you are sure.",
)

WINDOW = re.compile(r"([0-2]?\d):([0-5]\d)-([0-2]?\d):([0-5]\d)")
SpaceName = Annotated[str, typer.Option("--space", help="The vector space.")]


@app.command()
def start(
    encoder: Annotated[str, typer.Option(help="Name of the encoder; see `seogo models list`.")],
    space: SpaceName = "text",
    max_rate: Annotated[
        float | None,
        typer.Option(
            min=0.001,
            callback=finite,
            help="Items per second, all workers together (of each shard, if there are any).",
        ),
    ] = None,
    window: Annotated[
        str | None, typer.Option(help="Only between these times of day: 01:00-05:00.")
    ] = None,
    zone: Annotated[str, typer.Option(help="Time zone of the window.")] = "UTC",
    quantization: Stored = None,
) -> None:
    """Begin to build a generation beside the live one; workers fill it, new content goes to both.

    Run again it goes on, and takes over the rate and the window.

    For example:  seogo reembed start --encoder bge-m3 --max-rate 20 --window 01:00-05:00 --zone Asia/Seoul
    """
    throttle = _throttle(max_rate, window, zone)
    with database() as conn, _progress() as tell:
        begun = job.start(
            conn,
            read(EncoderSettings),
            space=space,
            encoder=encoder,
            throttle=throttle,
            quantization=quantization,
            tell=tell,
        )
    made = begun.generation
    out.print(f"{made.pinned} by {made.encoder}: {begun.queued:,} items queued", highlight=False)
    out.print("workers fill it (`seogo worker`); then: seogo reembed switch", highlight=False)


@app.command()
def status(
    space: Annotated[str | None, typer.Option("--space", help="Only this one.")] = None,
) -> None:
    """Show all generations: what is live, how far others are, how fast, what failed."""
    with database() as conn:
        rows = fetch(conn, generations.overview(space=space))
    table = Table(box=SIMPLE)
    for name in ("space", "status", "encoder"):
        table.add_column(name, no_wrap=name != "encoder")
    for name in ("items", "fresh", "waiting", "failed"):
        table.add_column(name, justify="right", no_wrap=True)
    for name in ("index", "pace"):
        table.add_column(name)
    for row in rows:
        counts = (row.items, row.fresh, row.waiting, row.failed)
        cells = ["–" if count is None else f"{count:,}" for count in counts]
        index = "built" if row.indexed else "none"
        about = (f"{row.space}@{row.generation}", row.status, escape(row.encoder))
        table.add_row(*about, *cells, index, _pace(row))
    out.print(table)
    for names in {row.unanswered for row in rows if row.unanswered}:
        out.print(f"[yellow]not counted, since they do not answer: shards {escape(names)}[/]")


@app.command()
def switch(
    space: SpaceName = "text",
    accept_failures: Annotated[
        bool, typer.Option("--accept-failures", help="Without the items that cannot be encoded.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Without judgments, or against them. It is recorded.")
    ] = False,
) -> None:
    """Put the generation that was built in place of the live one, once it is complete and not worse.

    It encodes what is missing, builds the index, compares both on every judged query set, and
    switches in one transaction. Searches under way end in the old one, which is kept.
    """
    with database() as conn, _progress() as tell:
        done = job.switch(
            conn,
            read(EncoderSettings),
            space=space,
            accept_failures=accept_failures,
            force=force,
            tell=tell,
        )
    for one in done.verdict.compared:
        out.print(str(one), markup=False, highlight=False)
    out.print(f"judgment: {done.verdict.reason}", markup=False, highlight=False)
    if done.failed:
        out.print(f"{done.failed} items have no vector: seogo failed list", highlight=False)
    if done.cutoff is not None:
        out.print(f"min_similarity is {done.cutoff:.4f} now", highlight=False)
    kept = f"; {done.before.pinned} is kept: seogo reembed rollback" if done.before else ""
    out.print(f"{done.after.pinned} is live{kept}")


@app.command()
def rollback(space: SpaceName = "text") -> None:
    """Go back to the generation that was live before, at once; again, forward."""
    with database() as conn, _progress() as tell:
        live, queued = job.rollback(conn, space=space, tell=tell)
    out.print(f"{live.pinned} is live again; {queued:,} items changed since are queued")


@app.command()
def drop(
    generation: Annotated[int, typer.Argument(help="Its number, as `seogo reembed status` says.")],
    space: SpaceName = "text",
) -> None:
    """Drop a generation that is building or retired, with its vectors. There is no way back."""
    with database() as conn, _progress() as tell:
        gone = drop_job(conn, space=space, generation=generation, tell=tell)
        shards = ", ".join(row.name for row in fetch(conn, generations.shards(space=space)))
    out.print(f"{gone.pinned} is dropped")
    if shards:
        out.print(
            f"shards keep theirs until the same is run with SEOGO_DATABASE_URL of each: {shards}"
        )


@app.command()
def drift(
    space: SpaceName = "text",
    measure: Annotated[
        bool, typer.Option("--measure", help="Measure anew, against the generation before.")
    ] = False,
) -> None:
    """Show how similarities and lengths of vectors differ from the generation before."""
    with database() as conn:
        if measure:
            newest = fetch(conn, generations.of_space(space=space))[:1]
            for generation in newest:
                fetch(conn, generations.measure_drift(space_id=generation.space_id))
        rows = fetch(conn, generations.drift(space=space))
    if not rows:
        out.print("nothing measured: --measure, with two generations")
        return
    table = Table("generations", "measure", "of", box=SIMPLE)
    for name in ("1 %", "25 %", "median", "75 %", "99 %", "KS"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        for line in _drift_lines(row):
            table.add_row(*line)
    out.print(table)


def _drift_lines(row: Drift) -> Iterator[tuple[str, ...]]:
    pair = f"{row.previous_generation or '?'} -> {row.generation}"
    ks = "" if row.ks is None else f"{row.ks:.3f}"
    shown = (0, 2, 3, 4, 6)
    yield (pair, row.measure, "before", *(f"{row.previous[at]:.3f}" for at in shown), "")
    yield ("", "", "after", *(f"{row.quantiles[at]:.3f}" for at in shown), ks)


def _pace(row: Generation) -> str:
    parts = []
    if row.status == "building" and row.rate > 0:
        left = (row.waiting or 0) / row.rate
        parts.append(f"{row.rate:.1f}/s, {left / 60:.0f} min left")
    if row.max_rate is not None:
        parts.append(f"at most {row.max_rate:g}/s")
    if row.work_from is not None and row.work_until is not None:
        parts.append(f"{row.work_from:%H:%M}-{row.work_until:%H:%M} {row.work_zone}")
    if row.retired_at is not None:
        parts.append(f"since {row.retired_at:%Y-%m-%d %H:%M}")
    return ", ".join(parts)


def _throttle(max_rate: float | None, window: str | None, zone: str) -> Throttle:
    if window is None:
        return Throttle(max_rate=max_rate, work_zone=zone)
    found = WINDOW.fullmatch(window)
    try:
        if found is None:
            raise ValueError(window)
        hour, minute, end_hour, end_minute = map(int, found.groups())
        begin, end = time(hour, minute), time(end_hour, end_minute)
    except ValueError:
        raise typer.BadParameter(f"{window}: write it as 01:00-05:00") from None
    return Throttle(max_rate=max_rate, work_from=begin, work_until=end, work_zone=zone)


@contextmanager
def _progress() -> Iterator[OnStep]:
    """A progress bar for the steps of a command."""
    with progress() as bar:
        task = bar.add_task("", total=None)
        yield lambda what, done, total: bar.update(
            task, description=what, completed=done, total=total or None
        )
