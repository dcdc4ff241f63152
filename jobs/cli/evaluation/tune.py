"""`seogo tune`: learn how a collection fuses its legs, and what was decided so far."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated, Any, cast, get_args

import msgspec
import typer
from rich.box import SIMPLE
from rich.markup import escape
from rich.table import Table

from db.calls.query import fetch
from db.evaluation import proof, tuning
from db.evaluation.tuning import QueryKind
from db.settings import read
from encoders.settings import EncoderSettings
from jobs.cli.console import database, out, progress
from jobs.cli.evaluation.eval import LEGS_HELP
from jobs.cli.evaluation.files import SOURCE_HELP
from jobs.cli.values import MOST_ID, asker_in
from jobs.errors import JobError
from jobs.evaluation import runner
from jobs.tuning import lexical, profiles
from jobs.tuning.lists import RUN_DEPTH, check_enough, relevant
from jobs.tuning.validation import Splits

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import psycopg
    from rich.progress import Progress

    from db.evaluation.proof import GridCell
    from db.evaluation.tuning import Fusion
    from jobs.tuning.profiles import FusionReport
    from jobs.tuning.study import StudyReport
    from jobs.tuning.validation import Grouping


def tune(
    collection: Annotated[str, typer.Option("--collection", "-c", help="What to tune.")],
    query_set: Annotated[str | None, typer.Option("--set", help="Judged queries to ask.")] = None,
    run_id: Annotated[
        int | None,
        typer.Option(
            "--run", min=1, max=MOST_ID, help="A run to learn from, instead of asking anew."
        ),
    ] = None,
    legs: Annotated[str | None, typer.Option(help=LEGS_HELP)] = None,
    item_fields: Annotated[
        str | None, typer.Option(help="Fields that are the words of a query by item: a,b.")
    ] = None,
    measure: Annotated[
        str, typer.Option(help="What is to become better: nDCG, R, P, Success or RR at a depth.")
    ] = "nDCG@10",
    source: Annotated[str | None, typer.Option(help=SOURCE_HELP)] = None,
    group: Annotated[
        str, typer.Option(help="linked: queries that share answers stay together; or query.")
    ] = "linked",
    folds: Annotated[int, typer.Option(min=2, help="Of the outer cross-validation.")] = 5,
    repeats: Annotated[
        int | None, typer.Option(min=1, help="Splits to average over; few queries want more.")
    ] = None,
    kind: Annotated[
        str | None,
        typer.Option(help="A profile for one kind of query: identifier, formula, text, picture."),
    ] = None,
    asker: Annotated[
        str | None,
        typer.Option(
            callback=asker_in,
            help='A profile for searches by items with these metadata: \'{"category": "image"}\'.',
        ),
    ] = None,
    words: Annotated[
        bool, typer.Option("--lexical", help="Tune BM25 instead: k1, b, weights of fields.")
    ] = False,
    trees: Annotated[
        bool,
        typer.Option("--trees", help="Also learn trees (LambdaMART); thousands of pairs help."),
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Put nothing to use.")] = False,
) -> None:
    """Learn how to fuse the legs, on judged queries; goes live only if better on unseen ones.

    Tries a grid, coordinate ascent and two regressions over reciprocal ranks and scores, each measured by
    nested cross-validation. The winner becomes the collection's active profile only where its held-out
    mean beats the best single leg and the live profile, by a paired test; else both stay. With --lexical
    the list of the lexical leg changes, and the live fusion stays: tune it afterwards.
    """
    _check_options(query_set, run_id, only_fusion=words and bool(kind or asker or trees))
    options = profiles.TuningOptions(
        measure=measure,
        source=source,
        group=grouping(group),
        splits=Splits(outer=folds, repeats=repeats),
        kind=query_kind(kind),
        asker=None if asker is None else msgspec.json.decode(asker),
        trees=trees,
        activate=not dry_run,
    )
    with database() as conn, progress() as bar:
        if run_id is None:
            check_enough(len(relevant(conn, query_set or "", source)))
            settings = runner.Settings(
                collection=collection,
                query_set=query_set or "",
                legs=runner.parse_legs(legs) if legs else None,
                k=RUN_DEPTH,
                item_fields=item_fields.split(",") if item_fields else None,
                label="tune",
            )
            on_query = task_progress(bar, f"run {settings.query_set}")
            run_id, _ = runner.run(conn, read(EncoderSettings), settings, on_query)
        tried = task_progress(bar, "settings tried" if words else "learn, held out")
        if words:
            found = lexical.tune(conn, collection, run_id, options, lambda n: tried(n, n + 1))
            return show_lexical(found, dry_run=dry_run)
        report = profiles.tune(conn, collection, run_id, options, tried)
    show(report, dry_run=dry_run)


def _check_options(query_set: str | None, run_id: int | None, *, only_fusion: bool) -> None:
    """Refuse options that exclude each other."""
    if (query_set is None) == (run_id is None):
        raise JobError("from which queries?", "give --set to ask them, or --run to take a run")
    if only_fusion:
        raise JobError(
            "--lexical tunes BM25 for all queries", "leave --kind, --asker and --trees out"
        )


def grouping(name: str) -> Grouping:
    """Read the option `--group`."""
    if name not in ("linked", "query"):
        raise JobError(f"cannot group by {name}", "--group linked or --group query")
    return "linked" if name == "linked" else "query"


def query_kind(name: str | None) -> QueryKind | None:
    """Read the option `--kind`."""
    if name not in (None, *get_args(QueryKind)):
        raise JobError(f"no kind of query: {name}", f"one of {', '.join(get_args(QueryKind))}")
    return cast("QueryKind | None", name)


def task_progress(bar: Progress, what: str) -> Callable[[int, int], None]:
    """Adapt a task of a progress display to the callback that jobs take."""
    task = bar.add_task(escape(what), total=None)
    return lambda done, total: bar.update(task, completed=done, total=total)


def decisions(
    collection: Annotated[
        str | None, typer.Option("--collection", "-c", help="Only of this collection.")
    ] = None,
    grid: Annotated[
        int | None,
        typer.Option(min=1, max=MOST_ID, help="Show what was tried for this decision on fusion."),
    ] = None,
) -> None:
    """List what was decided about profiles and rerankers, and why."""
    with database() as conn:
        if grid is not None:
            return show_grid(fetch(conn, proof.tuning_grid(decision_id=grid)))
        rows = _rows(conn, collection)
    table = Table("#", "collection", "kind", "in use", "measure", box=SIMPLE)
    table.add_column("reason", overflow="fold")
    for row in rows:
        table.add_row(*row)
    out.print(table)


def show(report: FusionReport, *, dry_run: bool) -> None:
    """Print what tuning found."""
    show_systems(report)
    counts = Counter(report.choices).most_common()
    told = ", ".join(f"{learner} {n}" for learner, n in counts)
    out.print(f"chosen by fold: {told}", highlight=False)
    out.print(
        f"learned by {report.learner}: {_format_fusion(report.fusion)}",
        markup=False,
        highlight=False,
    )
    told = f"kept {report.live} as it is"
    if report.decision.activate:
        told = "would go live" if dry_run else f"live as tuned-{report.decision_id}"
    out.print(f"{told}: {report.decision.reason}", markup=False, highlight=False)
    out.print(f"all that was tried: seogo decisions --grid {report.decision_id}", highlight=False)


def show_grid(cells: Sequence[GridCell]) -> None:
    """Print a grid: a row for each weighting, the best first, a column for each way of scaling."""
    legs, scalings = list(cells[0].weights), list(dict.fromkeys(cell.scaling for cell in cells))
    rows: dict[int, list[GridCell]] = {}
    for cell in cells:
        rows.setdefault(cell.weighting, []).append(cell)
    table = Table(*(escape(leg) for leg in legs), box=SIMPLE)
    for name in scalings:
        table.add_column(name, justify="right", no_wrap=True)
    for row in sorted(rows.values(), key=_goodness, reverse=True):
        weights = [f"{row[0].weights[leg]:.2f}" for leg in legs]
        marked = [f"[bold]{c.value:.4f}*[/]" if c.best else f"{c.value:.4f} " for c in row]
        table.add_row(*weights, *marked)
    out.print("means over the queries that were learned from, none held out; *: the highest")
    out.print(table)


def _goodness(row: Sequence[GridCell]) -> tuple[float, float]:
    """The best value of a weighting, and the sum of all."""
    return max(cell.value for cell in row), sum(cell.value for cell in row)


def _format_fusion(fusion: Fusion) -> str:
    if fusion.model is not None:
        return f"{len(fusion.model.roots)} trees over {', '.join(fusion.model.legs)}"
    scale = f"rrf, k {fusion.k_rrf}" if fusion.method == "rrf" else fusion.normalization
    weights = ", ".join(f"{leg} {weight:g}" for leg, weight in fusion.weights.items())
    return f"{scale}; {weights}"


def show_lexical(report: lexical.LexicalReport, *, dry_run: bool, built: bool = False) -> None:
    """Print what tuning BM25 found, and what puts it in force, where the index is not built yet."""
    show_systems(report)
    for label, settings in (("in force", report.live), ("learned", report.best)):
        weights = ", ".join(f"{field} {w:g}" for field, w in settings.field_weights.items())
        told = f"{label}: k1 {settings.k1:g}, b {settings.b:g}; {weights or 'every field 1'}"
        out.print(told, markup=False, highlight=False)
    told = "kept BM25 as it is"
    if report.decision.activate:
        told = "would go live" if dry_run else "changed"
    out.print(f"{told}: {report.decision.reason}", markup=False, highlight=False)
    if report.decision.activate and report.rebuild and not (dry_run or built):
        out.print("run `seogo maintain` to build the index with these weights and put it in force")


def show_systems(report: StudyReport) -> None:
    """Print the means of the systems of a study."""
    title = (
        f"run {report.run_id}, {report.source}: {report.queries} queries in {report.groups} groups,"
        f" {report.measure} held out"
    )
    out.print(title, markup=False, highlight=False, soft_wrap=True)
    table = Table("system", box=SIMPLE)
    table.add_column("mean, 95 %", justify="right", no_wrap=True)
    for name, mean in report.means.items():
        table.add_row(escape(name), f"{mean.mean:.4f} [{mean.low:.4f} {mean.high:.4f}]")
    out.print(table)


def _rows(conn: psycopg.Connection[Any], collection: str | None) -> list[list[str]]:
    return [
        [
            str(row.decision_id),
            row.collection,
            row.kind,
            "yes" if row.in_use else "no",
            f"{row.measure} ({escape(row.source)})",
            escape(row.reason),
        ]
        for row in fetch(conn, tuning.decisions(collection=collection))
    ]
