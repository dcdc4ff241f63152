"""`seogo judge`: ground truths by similarity, by a model, by people, and whether they are fair."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.box import SIMPLE
from rich.markup import escape
from rich.table import Table

from db.calls.query import fetch
from db.evaluation import ground_truth, judging, query_sets
from encoders.chat import OpenAiSettings
from jobs.cli.console import database, err, out, progress
from jobs.cli.outputs import writable_file
from jobs.cli.values import MOST, finite
from jobs.evaluation import load
from jobs.groundtruth import judge, pool, sample, tfidf
from jobs.groundtruth.chat import Chat, Prices

if TYPE_CHECKING:
    from jobs.groundtruth.judge import JudgeReport
    from jobs.groundtruth.sample import Agreement

app = typer.Typer(
    no_args_is_help=True,
    help="Ground truths: similar words, a model as judge over the pooled hits of all runs, both of two"
    " sources, a blind sample for people.",
)
SHOWN = 5
Collection = Annotated[str, typer.Option("--collection", "-c", help="Where the items are.")]
Set = Annotated[str, typer.Argument(metavar="SET", help="The query set.")]
Source = Annotated[str, typer.Option(help="Name of the judgments.")]
Runs = Annotated[str, typer.Option(help="Runs to pool, as 1,2,3; all finished ones without it.")]
Depth = Annotated[int, typer.Option(min=1, help="First hits of each run.")]


@app.command("tfidf")
def tfidf_(
    query_set: Set,
    collection: Collection,
    source: Source = "tfidf",
    k: Annotated[int, typer.Option("--k", min=1, help="Items per query.")] = 5,
    item_fields: Annotated[str | None, typer.Option(help="Fields to compare: a,b.")] = None,
) -> None:
    """Take the items with the most similar words (TF-IDF) as right; replaces the source."""
    fields = None if item_fields is None else item_fields.split(",")
    with database() as conn:
        found = tfidf.judgments(conn, collection, query_set, k, fields)
        load.import_set(conn, query_set, [], found, source=source, judge=tfidf.JUDGE)
    out.print(f"{query_set}: {len(found):,} judgments from {escape(source)}")


@app.command("llm")
def llm(
    query_set: Set,
    collection: Collection,
    url: Annotated[str, typer.Option(help="Server with OpenAI's interface: http://host/v1.")],
    model: Annotated[str, typer.Option(help="Which of its models.")],
    source: Source = "llm",
    runs: Runs = "",
    depth: Depth = 10,
    key: Annotated[str, typer.Option(envvar="SEOGO_JUDGE_KEY", help="Its key, if any.")] = "",
    price_in: Annotated[
        float, typer.Option(min=0.0, callback=finite, help="Per million tokens that it reads.")
    ] = 0.0,
    price_out: Annotated[
        float, typer.Option(min=0.0, callback=finite, help="Per million tokens that it writes.")
    ] = 0.0,
    pictures: Annotated[bool, typer.Option("--pictures", help="Show pictures too.")] = False,
    seed: Annotated[int, typer.Option(min=0, max=MOST, help="Of the order.")] = 20,
) -> None:
    """Let a model grade every pooled pair, 0 to 3, with a reason; interrupted, it goes on."""
    settings = OpenAiSettings(url=url, model=model, key=key)
    prices = Prices(read=price_in, written=price_out)
    target = judge.Target(
        collection=collection, query_set=query_set, source=source, with_pictures=pictures
    )
    with Chat(settings, prices) as chat, database() as conn, progress() as bar:
        chosen = pool.runs_of(conn, query_set, _numbers(runs))
        task = bar.add_task(f"judge {escape(query_set)}", total=None)
        report = judge.judge(
            conn,
            chat,
            target,
            pool.pairs(conn, chosen, depth),
            seed=seed,
            on_pair=lambda done, total: bar.update(
                task, completed=done.judged + done.known + len(done.failed), total=total
            ),
        )
    _show_report(report)
    if report.failed:
        raise typer.Exit(1)


@app.command()
def intersect(
    query_set: Set,
    first: Annotated[str, typer.Argument(help="A source.")],
    second: Annotated[str, typer.Argument(help="Another one.")],
    source: Source = "both",
) -> None:
    """Make a source of what two others both hold to be relevant, by the lower grade."""
    with database() as conn:
        n = pool.intersect(conn, query_set, source, first, second)
    out.print(f"{query_set}: {n:,} judgments from {escape(source)}")


@app.command()
def check(
    query_set: Set, collection: Collection, source: Source, runs: Runs = "", depth: Depth = 10
) -> None:
    """Look for circularity and leakage: what each run alone brought, and queries that are items."""
    with database() as conn:
        chosen = pool.runs_of(conn, query_set, _numbers(runs))
        found = pool.check(conn, collection, query_set, source, chosen, depth)
    table = Table("run", "label", box=SIMPLE)
    for column in (f"first {depth}", "judged", "it alone", "relevant, it alone"):
        table.add_column(column, justify="right")
    for row in found.contributions:
        counts = (
            f"{row.pairs:,}",
            f"{row.judged:.0%}",
            f"{row.alone:,}",
            f"{row.relevant_alone:,}",
        )
        table.add_row(str(row.run_id), escape(row.label), *counts)
    out.print(table)
    if len(found.contributions) == 1:
        err.print("one run only: judged by its own hits, it cannot look bad; pool others with it")
    for leak in found.leaks[:SHOWN]:
        told = f"query {leak.query} reads like item {leak.external_id}, word for word"
        err.print(told, markup=False, highlight=False)
    if len(found.leaks) > SHOWN:
        err.print(f"... and {len(found.leaks) - SHOWN:,} more")


@app.command("sample")
def sample_(
    query_set: Set,
    collection: Collection,
    file: Annotated[Path, typer.Option(callback=writable_file, help="The CSV sheet to write.")],
    source: Source,
    n: Annotated[int, typer.Option("--n", min=1, help="How many pairs.")] = 50,
    seed: Annotated[
        int, typer.Option(min=0, max=MOST, help="The same seed gives the same pairs.")
    ] = 20,
) -> None:
    """Write a blind sheet of judged pairs, of every grade, for a person to grade."""
    with database() as conn:
        done = sample.export(
            conn, file, collection=collection, query_set=query_set, source=source, n=n, seed=seed
        )
    out.print(f"{done} pairs in {file}: fill the column grade, then `seogo judge sheet`")


@app.command("sheet")
def sheet(
    query_set: Set,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A filled sheet.")],
    judge: Annotated[str, typer.Option(help="Who filled it.")],
    against: Annotated[str, typer.Option(help="The source that is checked.")],
    source: Source = "people",
) -> None:
    """Import a filled sheet as a source of its own, and tell how far it agrees with another.

    A row that is wrong, or names a query or an item that is not there, is named and the rest goes on; the
    exit status is then 1.
    """
    filled = sample.read(file)
    with database() as conn:
        fetch(conn, query_sets.judgment_source(query_set=query_set, source=against))
        others = fetch(conn, ground_truth.judged(query_set=query_set, source=against))
        kept = sample.keep(
            conn, filled, query_set=query_set, source=source, judge=judge, others=others
        )
    without = f"; {filled.empty:,} rows without a grade" if filled.empty else ""
    out.print(
        f"{query_set}: {len(kept)} judgments from {escape(source)} by {escape(judge)}{without}"
    )
    for line, why in sorted(filled.errors.items()):
        err.print(f"{file.name}:{line}: {why}", markup=False, highlight=False, soft_wrap=True)
    _show_agreement(sample.agreement(kept, others), against)
    if filled.errors:
        raise typer.Exit(1)


@app.command("agreement")
def agreement_(query_set: Set, source: Source = "people") -> None:
    """Say how far people agree: Krippendorff's alpha of all, Cohen's kappa of each two.

    By what each judge has said about the same items (the page Judge, "What others have judged, too").
    """
    of = {"query_set": query_set, "source": source}
    with database() as conn:
        (together,) = fetch(conn, judging.reliability(**of))
        pairs = fetch(conn, judging.agreement(**of))
    if not together.items:
        out.print(f"{query_set}: no item is judged by two people yet", markup=False)
        return
    alpha = "-" if together.alpha is None else f"{together.alpha:.3f}"
    out.print(
        f"{query_set}: alpha {alpha} of {together.judges} judges, {together.items:,} items,"
        f" {together.votes:,} votes",
        highlight=False,
        soft_wrap=True,
    )
    table = Table("judges", box=SIMPLE)
    for name in ("items", "same grade", "kappa", "weighted kappa"):
        table.add_column(name, justify="right")
    for row in pairs:
        kappas = ["-" if one is None else f"{one:.3f}" for one in (row.kappa, row.weighted_kappa)]
        names = escape(f"{row.first}, {row.second}")
        table.add_row(names, f"{row.items:,}", f"{row.equal:.0%}", *kappas)
    out.print(table)


def _show_agreement(found: Agreement | None, against: str) -> None:
    if found is None:
        err.print(f"no pair is judged by {against} as well", markup=False)
        return
    kappa = "-" if found.kappa is None else f"{found.kappa:.3f}"
    out.print(
        f"{found.pairs} pairs judged by both: same grade {found.equal:.0%}, same relevance"
        f" {found.relevance:.0%}, weighted kappa {kappa}",
        highlight=False,
        soft_wrap=True,
    )


def _show_report(report: JudgeReport) -> None:
    out.print(
        f"{report.judged:,} pairs judged, {report.known:,} known before, {len(report.failed):,} failed;"
        f" {report.tokens_in:,} tokens read, {report.tokens_out:,} written, cost {report.cost:.4f}",
        highlight=False,
        soft_wrap=True,
    )
    for first, place in ((True, "first"), (False, "last")):
        total, pairs = report.by_order[first]
        if pairs:
            out.print(f"sought text {place}: mean grade {total / pairs:.2f} of {pairs:,} pairs")
    for pair, why in list(report.failed.items())[:SHOWN]:
        err.print(f"{pair}: {why}", markup=False, highlight=False)


def _numbers(text: str) -> list[int]:
    try:
        return [int(part) for part in text.split(",") if part]
    except ValueError as exc:
        raise typer.BadParameter(f"not numbers of runs: {text}") from exc
