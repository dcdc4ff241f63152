"""`seogo eval classify`: how good classification by neighbours is on items whose class is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec
import typer
from rich.box import SIMPLE
from rich.markup import escape
from rich.table import Table

from db.calls.query import fetch
from db.search.classes import confusion
from flows.search.request import MAX_K
from jobs.cli.console import database, err, out
from jobs.cli.values import MOST
from jobs.evaluation.classes import summarize

if TYPE_CHECKING:
    from jobs.evaluation.classes import ClassReport

# More classes than this are no table for a terminal: the most frequent mistakes are listed instead.
MATRIX_CLASSES = 12
SHOWN_MISTAKES = 15


def classify(
    collection: Annotated[str, typer.Option("--collection", "-c", help="Whose items.")],
    path: Annotated[str, typer.Argument(help="Metadata key, such as unit_small, maker.country.")],
    k: Annotated[int, typer.Option("--k", min=1, max=MAX_K, help="Neighbours that vote.")] = 10,
    space: Annotated[str, typer.Option(help="Space to compare in.")] = "text",
    source: Annotated[
        str | None, typer.Option(help="Compare vectors of this source only, such as question.")
    ] = None,
    filter: Annotated[
        str | None,
        typer.Option(help="On metadata: only these items are asked, and only they vote."),
    ] = None,
    sample: Annotated[
        int, typer.Option(min=1, max=MOST, help="Of more items than this, so many.")
    ] = 1000,
    seed: Annotated[int, typer.Option(min=0, max=MOST, help="Chooses the sample.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="JSON, for programs.")] = False,
) -> None:
    """Measure `seogo classify`: each item with a value is classified by the others, as if it had none.

    seogo eval classify unit_small -c bank --k 5

    Accuracy with its interval beside that of always saying the largest class; precision, recall and F1 per
    class; the confusion matrix. Values that no other item has cannot be found, and count as wrong.
    """
    with database() as conn:
        cells = fetch(
            conn,
            confusion(
                collection=collection,
                path=path,
                k=k,
                space=space,
                only_source=source,
                filter=filter,
                most_n=sample,
                seed=seed,
            ),
        )
    report = summarize(cells, path)
    if as_json:
        typer.echo(
            msgspec.json.encode({"accuracy": report.accuracy, **msgspec.to_builtins(report)})
        )
        return
    _show(report, path)


def _show(report: ClassReport, path: str) -> None:
    out.print(
        f"{path}: accuracy {report.accuracy:.3f} [{report.low:.3f}, {report.high:.3f}] of"
        f" {report.items:,} items in {len(report.classes)} classes; always the largest:"
        f" {report.majority:.3f}; macro F1 {report.macro_f1:.3f}",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )
    for reason, n in report.unanswered.items():
        err.print(f"{n:,} items have no answer: {reason}", markup=False, highlight=False)
    table = Table("class", box=SIMPLE)
    for column in ("items", "precision", "recall", "F1"):
        table.add_column(column, justify="right")
    for one in report.classes:
        shares = (f"{share:.3f}" for share in (one.precision, one.recall, one.f1))
        table.add_row(escape(one.name), f"{one.items:,}", *shares)
    out.print(table)
    out.print(_matrix(report) if len(report.classes) <= MATRIX_CLASSES else _mistakes(report))


def _matrix(report: ClassReport) -> Table:
    """Rows are what items are, columns what they were taken for, by number."""
    names = [one.name for one in report.classes]
    counts = {(cell.truth, cell.predicted): cell.items for cell in report.cells}
    table = Table("is, taken for", box=SIMPLE)
    for at in range(len(names)):
        table.add_column(str(at + 1), justify="right")
    for at, truth in enumerate(names, start=1):
        row = [str(counts.get((truth, predicted), "·")) for predicted in names]
        table.add_row(f"{at} {escape(truth)}", *row)
    return table


def _mistakes(report: ClassReport) -> Table:
    wrong = [c for c in report.cells if c.predicted is not None and c.predicted != c.truth]
    wrong.sort(key=lambda cell: (-cell.items, cell.truth))
    table = Table("is", "taken for", box=SIMPLE, title_justify="left")
    table.title = f"the most frequent mistakes of {sum(c.items for c in wrong):,}"
    table.add_column("items", justify="right")
    for cell in wrong[:SHOWN_MISTAKES]:
        table.add_row(escape(cell.truth), escape(cell.predicted or ""), f"{cell.items:,}")
    return table
