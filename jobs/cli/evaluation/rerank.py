"""`seogo rerank`: measure a reranker, and use it where it helps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.box import SIMPLE
from rich.markup import escape
from rich.table import Table

from db.settings import read
from encoders.rerank import rerankers
from encoders.settings import EncoderSettings
from jobs.cli.console import database, err, out, progress
from jobs.cli.evaluation.files import SOURCE_HELP
from jobs.cli.evaluation.tune import grouping, task_progress
from jobs.cli.values import MOST_ID
from jobs.rerank import measure as job

if TYPE_CHECKING:
    from jobs.rerank.measure import RerankReport

app = typer.Typer(
    no_args_is_help=True,
    help="Rerankers read the first hits together with the query; each is measured before it is used.",
)


@app.callback()
def main() -> None:
    """Keep `evaluate` a command of its own."""


@app.command()
def evaluate(
    run_id: Annotated[
        int, typer.Option("--run", min=1, max=MOST_ID, help="A run of the search as it is live.")
    ],
    model: Annotated[
        str,
        typer.Option(
            help="Such as bge-reranker-v2-m3, hf:org/name, file:/x; or maxsim: before any encoder of a"
            " vector per token, such as maxsim:kure-v2, which is fast and may be one trained here."
        ),
    ],
    top_n: Annotated[int, typer.Option("--top", min=2, max=1000, help="Hits it reads.")] = 20,
    by_item: Annotated[
        bool,
        typer.Option(
            "--by-item", help="For searches by an item: reads the queries that are items."
        ),
    ] = False,
    measure: Annotated[str, typer.Option(help="What is to become better.")] = "nDCG@10",
    source: Annotated[str | None, typer.Option(help=SOURCE_HELP)] = None,
    group: Annotated[
        str, typer.Option(help="linked: queries that share answers stay together; or query.")
    ] = "linked",
) -> None:
    """Let a reranker read what a run found; it is used only if that is better on unseen queries.

    Its share in the order and a threshold are chosen by cross-validation. It must beat the run and the
    run's best leg on held-out queries, by a paired test; the reason is kept (`seogo decisions`).
    """
    options = job.RerankOptions(
        top_n=top_n, by_item=by_item, measure=measure, source=source, group=grouping(group)
    )
    settings = read(EncoderSettings)
    spec = rerankers.spec(model, settings.models_path)
    reranker = rerankers.build(
        spec, settings.models_path, settings.threads, lambda line: err.print(line, markup=False)
    )
    with database() as conn, progress() as bar:
        report = job.evaluate(
            conn, run_id, reranker, options, task_progress(bar, f"read by {model}"), settings
        )
    _show(report, measure)


def _show(report: RerankReport, measure: str) -> None:
    table = Table("system", box=SIMPLE)
    table.add_column(f"{measure} held out, 95 %", justify="right", no_wrap=True)
    for name, mean in report.means.items():
        table.add_row(escape(name), f"{mean.mean:.4f} [{mean.low:.4f} {mean.high:.4f}]")
    out.print(table)
    blend = report.blend
    above = "" if blend.threshold is None else f", where a hit scores {blend.threshold:.3f} or more"
    out.print(f"share {blend.share:g}{above}; {report.ms:.0f} ms per query", highlight=False)
    told = "in use" if report.decision.activate else "not used"
    out.print(f"{told}: {report.decision.reason}", markup=False, highlight=False, soft_wrap=True)
