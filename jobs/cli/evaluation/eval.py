"""`seogo eval`: query sets and judgments in and out, runs, comparisons, reports."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.box import SIMPLE
from rich.markup import escape
from rich.table import Table

from db.calls.query import fetch
from db.evaluation import evals, query_sets
from db.settings import read
from encoders.settings import EncoderSettings
from flows.evaluation import compare as comparing
from flows.evaluation import depth
from flows.local import Local
from jobs.cli.console import database, err, out, progress
from jobs.cli.evaluation import classes, files, gate, proof
from jobs.cli.evaluation.files import SOURCE_HELP, format_finished
from jobs.cli.outputs import writable_file
from jobs.cli.values import MOST, MOST_ID
from jobs.evaluation import report, reportdata, runner

if TYPE_CHECKING:
    import psycopg

    from db.evaluation.rows import EvaluationRun, Source

app = typer.Typer(
    no_args_is_help=True,
    help="Evaluation: how good search is, by queries whose right answers are known.\n\n"
    "seogo eval import scifact --beir FOLDER --collection scifact;  seogo eval run -c scifact --set"
    " scifact;  seogo eval list;  seogo eval compare 1 2;  seogo eval report 1 2 --html report.html",
)
MEASURES_HELP = "Such as nDCG@10,R@5,RR@10,AP,P@5,Success@5,Judged@10, R(rel=2)@5."
LEGS_HELP = (
    "Such as lexical,identifier:weight=2,text:source=question:pool_n=200; what is neither lexical nor"
    " identifier is an embedding space. All there are without it."
)
SHOWN_REFUSED = 5
app.command("import")(files.import_)
app.command("import-run")(files.import_run)
app.command("export")(files.export)
app.command("classify")(classes.classify)
app.command("sample")(proof.sample)
app.command("errors")(proof.errors)
app.command("legs")(proof.legs)
app.command("gate")(gate.gate)


@app.command()
def run(
    collection: Annotated[str, typer.Option("--collection", "-c", help="Where to search.")],
    query_set: Annotated[str, typer.Option("--set", help="Whose queries to ask.")],
    legs: Annotated[str | None, typer.Option(help=LEGS_HELP)] = None,
    profile: Annotated[
        str | None, typer.Option(help="A fusion profile; else the active one.")
    ] = None,
    method: Annotated[str | None, typer.Option(help="rrf or weighted.")] = None,
    normalization: Annotated[str | None, typer.Option(help="minmax, zscore or none.")] = None,
    k_rrf: Annotated[
        int | None, typer.Option(min=0, max=MOST_ID, help="How quickly a rank loses value.")
    ] = None,
    k: Annotated[
        int,
        typer.Option(
            "--k", min=1, max=10_000, help="How deep measures without a depth look, such as AP."
        ),
    ] = 100,
    filter: Annotated[str | None, typer.Option(help="On metadata, for every query.")] = None,
    item_fields: Annotated[
        str | None, typer.Option(help="Fields that are the words of a query by item: a,b.")
    ] = None,
    label: Annotated[str, typer.Option(help="How it is called in lists.")] = "",
    source: Annotated[str | None, typer.Option(help=SOURCE_HELP)] = None,
    rerank: Annotated[
        bool, typer.Option("--rerank", help="By the reranker in use, as searches are.")
    ] = False,
) -> None:
    """Ask every query of a set and keep the answers, with what each leg gave; then show the measures."""
    settings = runner.Settings(
        collection=collection,
        query_set=query_set,
        legs=None if legs is None else runner.parse_legs(legs),
        k=k,
        filter=filter,
        profile=profile,
        method=method,
        normalization=normalization,
        k_rrf=k_rrf,
        item_fields=None if item_fields is None else item_fields.split(","),
        label=label,
        rerank=rerank,
    )
    with database() as conn:
        with progress() as bar:
            task = bar.add_task(f"run {escape(query_set)}", total=None)
            run_id, finished = runner.run(
                conn,
                read(EncoderSettings),
                settings,
                on_query=lambda done, total: bar.update(task, completed=done, total=total),
            )
        out.print(f"run {run_id}: {format_finished(finished)}")
        for refused in fetch(conn, query_sets.refused(run_id=run_id))[:SHOWN_REFUSED]:
            err.print(f"{refused.query}: {refused.error}", markup=False, highlight=False)
        for row in fetch(conn, evals.sources()):
            if row.query_set == query_set and row.source and source in (None, row.source):
                _show_metrics(conn, run_id, row.source)


@app.command("list")
def list_(
    query_set: Annotated[str | None, typer.Option("--set", help="Only runs of this set.")] = None,
    measures: Annotated[str, typer.Option(help=MEASURES_HELP)] = "nDCG@10,R@5",
) -> None:
    """List the query sets with their judgments, and the runs with their measures."""
    with database() as conn:
        sources = [r for r in fetch(conn, evals.sources()) if query_set in (None, r.query_set)]
        out.print(_sources_table(sources))
        for name in dict.fromkeys(row.query_set for row in sources):
            format_finished = [
                row.source for row in sources if row.query_set == name and row.source
            ]
            if runs := fetch(conn, evals.runs(query_set=name)):
                out.print(_runs_table(conn, runs, format_finished, measures.split(",")))


@app.command()
def compare(
    first: Annotated[int, typer.Argument(min=1, max=MOST_ID, help="A run.")],
    second: Annotated[int, typer.Argument(min=1, max=MOST_ID, help="Another one of the same set.")],
    measures: Annotated[str, typer.Option(help=MEASURES_HELP)] = "nDCG@10,R@5,R@10,RR@10",
    source: Annotated[str | None, typer.Option(help=SOURCE_HELP)] = None,
    queries: Annotated[
        int, typer.Option(min=0, help="Show so many greatest losses and gains.")
    ] = 3,
    resamples: Annotated[int, typer.Option(min=100, help="Of both tests.")] = comparing.RESAMPLES,
    seed: Annotated[
        int, typer.Option(min=0, max=MOST, help="The same seed gives the same figures.")
    ] = comparing.SEED,
) -> None:
    """Say whether the second run is better: difference with its interval, tests, wins and losses."""
    with database() as conn:
        compared = comparing.compare_runs(
            first, second, measures.split(","), source, resamples=resamples, seed=seed
        )
        found = Local(conn, read(EncoderSettings)).run(compared)
    table = Table("measure", box=SIMPLE, padding=(0, 1, 0, 0))
    counted = "+/-/="
    for column in (f"#{first}", f"#{second}", "difference, 95 %", "p rand. boot.", counted):
        table.add_column(column, justify="right", no_wrap=column != counted)
    for result, _ in found.values():
        d = result.difference
        means = [f"{mean:.4f}" for mean in result.means]
        interval = f"{d.mean:+.4f} [{d.low:+.4f} {d.high:+.4f}]"
        chances = f"{result.p_randomisation:.4f} {result.p_bootstrap:.4f}"
        counts = f"{result.wins}/{result.losses}/{result.ties}"
        table.add_row(result.measure, *means, interval, chances, counts)
    out.print(table)
    measure, (_, changes) = next(iter(found.items()))
    losses, others = changes[:queries], changes[queries:]
    for change in [*losses, *others[::-1][:queries]]:
        if change.difference:
            format_finished = f"{measure} {change.before:.4f} -> {change.after:.4f}  {change.query}"
            out.print(format_finished, markup=False, highlight=False)


@app.command("report")
def report_(
    run_id: Annotated[int, typer.Argument(metavar="RUN", min=1, max=MOST_ID, help="A run.")],
    other: Annotated[
        int | None, typer.Argument(metavar="[RUN2]", min=1, max=MOST_ID, help="To put beside it.")
    ] = None,
    html: Annotated[Path, typer.Option(callback=writable_file, help="The file to write.")] = Path(
        "report.html"
    ),
    source: Annotated[str | None, typer.Option(help=SOURCE_HELP)] = None,
    k: Annotated[
        int, typer.Option("--k", min=1, max=10_000, help="Hits that count as found.")
    ] = 10,
    group_by: Annotated[
        str | None, typer.Option("--by", help="Group items by metadata, such as maker.")
    ] = None,
) -> None:
    """Write a report as one HTML file, in Korean and English: who lost what, and the worst queries."""
    chosen = [run_id] if other is None else [run_id, other]
    with database() as conn:
        data = reportdata.collect(conn, chosen, source=source, k=k, group_by=group_by)
    html.write_text(report.render(data), encoding="utf-8")
    out.print(str(html), markup=False, highlight=False)


def _show_metrics(conn: psycopg.Connection[Any], run_id: int, source: str) -> None:
    rows = fetch(conn, evals.metrics(run_id=run_id, source=source))
    table = Table(escape(source), box=SIMPLE)
    table.add_column(f"{rows[0].queries:,} queries", justify="right")
    cut = depth.cuts(fetch(conn, query_sets.cut(run_ids=[run_id])))
    for row in rows:
        table.add_row(depth.named(row.measure, run_id, cut), f"{row.value:.4f}")
    out.print(table)


def _sources_table(sources: list[Source]) -> Table:
    table = Table("query set", "judgments", box=SIMPLE)
    for column in ("queries", "judged", "pairs", "relevant", "best grade"):
        table.add_column(column, justify="right")
    for row in sources:
        counts = (row.queries, row.judged_queries, row.judgments, row.relevant)
        grade = "" if row.highest_grade is None else str(row.highest_grade)
        table.add_row(row.query_set, row.source or "-", *map(str, counts), grade)
    return table


def _runs_table(
    conn: psycopg.Connection[Any],
    runs: list[EvaluationRun],
    sources: list[str],
    measures: list[str],
) -> Table:
    table = Table("run", title=f"runs of {runs[0].query_set}", title_justify="left", box=SIMPLE)
    for column in ("collection", "label", "judgments"):
        table.add_column(column, overflow="fold", min_width=9)
    for column in (*measures, "p50 ms", "p95 ms"):
        table.add_column(column, justify="right", no_wrap=True)
    cut = depth.cuts(fetch(conn, query_sets.cut(run_ids=[run.run_id for run in runs])))
    for run in runs:
        times = [f"{ms:.1f}" if ms else "-" for ms in (run.search_p50_ms, run.search_p95_ms)]
        label = escape(run.label) + ("" if run.finished_at else " (unfinished)")
        for source in sources:
            ask = evals.metrics(run_id=run.run_id, measures=measures, source=source)
            values = [
                f"{metric.value:.4f}"
                + (f" (@{run.k})" if depth.stops(metric.measure, run.run_id, cut) else "")
                for metric in fetch(conn, ask)
            ]
            table.add_row(str(run.run_id), run.collection, label, source, *values, *times)
    return table
