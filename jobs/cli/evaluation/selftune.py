"""`seogo selftune`: fusions learned where nobody judged, from queries made of a collection's own texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.box import SIMPLE
from rich.markup import escape
from rich.table import Table

from db.calls.query import fetch
from db.evaluation import selftune as sql
from db.settings import read
from encoders.settings import EncoderSettings
from flows.encoding import Encoders
from jobs.cli.console import database, out, progress
from jobs.selftuning import renewal
from jobs.selftuning.asking import AskOptions

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.progress import Progress, TaskID

    from db.evaluation.selftune import CollectionFusion
    from jobs.selftuning.renewal import SelfTuned

STATES = {
    "live": "in use now",
    "kept": "what there was stays",
    "person": "a person's word stands",
    "nothing": "nothing to learn",
}


def selftune(
    collection: Annotated[
        str | None, typer.Option("--collection", "-c", help="Only this one; else all.")
    ] = None,
    queries: Annotated[int, typer.Option(min=50, max=5000, help="Made, at most.")] = 500,
    seed: Annotated[int, typer.Option(min=0, help="Other queries are drawn by another.")] = 1,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Put nothing to use.")] = False,
    show: Annotated[
        bool, typer.Option("--show", help="Only say what is in use, and on what it rests.")
    ] = False,
) -> None:
    """Learn how to fuse the legs where nobody has judged; a person's judgments and profiles stand.

    Titles, sentences and lines of the collection's own texts are asked, some with words left out, and each
    leg has to find the item without the words that were asked. What was learned goes live where it is better
    on held-out queries than the fusion in use, and not below the best leg. Takes a minute or two per
    collection; the schedule does it nightly (SEOGO_CRON_SELF_TUNING).

    seogo selftune -c parts --dry-run;  seogo selftune --show;  seogo decisions -c parts
    """
    options = AskOptions(queries_n=queries, items_n=2 * queries, seed=seed)
    with database() as conn, progress() as bar:
        if show:
            return _shown(fetch(conn, sql.fusions(collection=collection)))
        encoders = Encoders(read(EncoderSettings))
        for standing in renewal.standings(conn, collection):
            step = _steps(bar, standing.collection)
            _told(renewal.renew(conn, standing, encoders, options, step, activate=not dry_run))


def _steps(bar: Progress, collection: str) -> Callable[[str, int, int], None]:
    tasks: dict[str, TaskID] = {}

    def on_step(what: str, done: int, total: int) -> None:
        if what not in tasks:
            tasks[what] = bar.add_task(escape(f"{collection}: {what}"), total=total)
        bar.update(tasks[what], completed=done)

    return on_step


def _told(found: SelfTuned) -> None:
    out.print(
        f"{found.collection}: {STATES[found.state]}: {found.reason}", markup=False, highlight=False
    )
    if found.fusion is None:
        return
    strata = ", ".join(f"{name} {n}" for name, n in found.queries.items())
    out.print(f"made queries: {strata}", markup=False, highlight=False)
    table = Table("system", box=SIMPLE)
    table.add_column("nDCG@10 held out, 95 %", justify="right", no_wrap=True)
    for name, mean in found.means.items():
        table.add_row(escape(name), f"{mean.mean:.4f} [{mean.low:.4f} {mean.high:.4f}]")
    out.print(table)
    scale = f"rrf, k {found.fusion.k_rrf}" if found.fusion.method == "rrf" else "scores"
    weights = ", ".join(f"{leg} {weight:g}" for leg, weight in found.fusion.weights.items())
    out.print(f"learned: {scale}; {weights}", markup=False, highlight=False)
    for leg, weight in found.quieted.items():
        told = "is left out: it only harms" if weight == 0 else f"counts for {weight:g} only"
        out.print(f"leg {leg} {told}", markup=False, highlight=False)
    if found.unjudged:
        out.print(
            f"not judged, texts say nothing of pictures: {', '.join(found.unjudged)}", markup=False
        )


def _shown(rows: list[CollectionFusion]) -> None:
    table = Table("collection", "profile", "rests on", "weights", box=SIMPLE)
    table.add_column("gain, made queries, since", overflow="fold")
    for row in rows:
        weights = ", ".join(f"{leg} {weight:g}" for leg, weight in row.weights.items()) or "equal"
        gain = row.basis.get("gain")
        told = (
            ""
            if gain is None
            else (
                f"{gain['mean']:+.4f} [{gain['low']:+.4f}, {gain['high']:+.4f}] {row.basis['measure']},"
                f" {row.basis['queries']}, {row.basis['learned_at'][:10]}"
            )
        )
        table.add_row(escape(row.collection), row.profile or "-", row.rests_on, weights, told)
    out.print(table)
