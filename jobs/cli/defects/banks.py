"""`seogo defects bank`: memory banks of normal patches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.box import SIMPLE
from rich.markup import escape
from rich.table import Table

from db.calls.query import fetch
from db.defects import products
from db.settings import read
from encoders.anomaly import backbones
from encoders.anomaly.fit import FitOptions
from encoders.settings import AnomalySettings, EncoderSettings
from jobs.cli.console import database, err, out, progress
from jobs.cli.values import MOST, finite
from jobs.defects import banks, evaluate
from jobs.defects import compare as comparison

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.progress import Progress, TaskID

app = typer.Typer(
    no_args_is_help=True,
    help="Memory banks: what normal patches of a product look like, one bank per product and view.\n\n"
    "A new bank is built beside the live one and then takes its place; `rollback` goes back.",
)
Product = Annotated[str, typer.Argument(help="Of which product.")]
View = Annotated[str, typer.Option(help="From where it is seen, or in which light.")]


@app.command()
def build(
    product: Product,
    view: View = "main",
    size: Annotated[int, typer.Option(min=1, max=100_000, help="Patches at most.")] = 10_000,
    side: Annotated[
        int, typer.Option(min=64, max=1024, help="Pixels that pictures are scaled to.")
    ] = 256,
    seed: Annotated[int, typer.Option(min=0, max=MOST, help="Of what is left to chance.")] = 0,
    false_alarms: Annotated[
        float,
        typer.Option(
            min=0.001,
            max=0.5,
            callback=finite,
            help="Share of normal pictures above the threshold.",
        ),
    ] = 0.05,
    backbone: Annotated[str | None, typer.Option(help="Otherwise SEOGO_ANOMALY_BACKBONE.")] = None,
) -> None:
    """Build a bank of the normal pictures that are registered, and put it to use.

    Each picture is judged by the pieces other than its own, which sets the thresholds: those of small
    products promise less than --false-alarms, the report says what. Edges count as all other places do,
    compared with edges. A picture counts once, in however many files it is: copies are left out and counted.
    From ten labelled defects of three pieces on, what is learned from them joins, if it tells pieces that it
    has not seen better than without.
    Example: seogo defects bank build tile
    """
    settings = read(EncoderSettings)
    name = backbone or read(AnomalySettings).anomaly_backbone
    options = FitOptions(size=size, side=side, seed=seed, false_alarms=false_alarms)
    sees = backbones.build(name, settings.models_path, settings.threads, err.print)
    with database() as conn, progress() as bars:
        made = banks.build(conn, sees, product, view, options, _step_bars(bars))
    shown = ("pictures", "pieces", "candidates", "false_alarms", "seconds")
    told = ", ".join(f"{key.replace('_', ' ')} {made.report[key]}" for key in shown)
    out.print(
        f"bank of {escape(product)}, view {escape(view)}, version {made.version}: {made.patches:,} patches,"
        f" threshold {made.threshold:.3f} ({told})",
        highlight=False,
    )
    out.print(f"labels: {labels_told(made.labels)}", highlight=False)
    if copies := made.report["copies"]:
        items = made.report["copied_items"]
        told = ", ".join(map(str, items)) + (" …" if copies > len(items) else "")
        err.print(
            f"[yellow]{copies} normal pictures show the same as others and are left out[/] (items {told})",
            highlight=False,
        )


@app.command("list")
def list_(
    product: Annotated[str | None, typer.Option("--product", "-p", help="Only this one.")] = None,
) -> None:
    """List banks, live and not.

    Banks with `patches` alone were built before there were other detectors, and judge as they did: build
    them again to see more (seogo defects bank build), `rollback` goes back.
    """
    columns = (
        "product",
        "view",
        "version",
        "status",
        "patches",
        "threshold",
        "judged",
        "detectors",
        "labels",
        "backbone",
    )
    table = Table(*columns, box=SIMPLE)
    with database() as conn:
        for row in fetch(conn, products.banks(product=product)):
            detectors = ", ".join(row.detectors)
            labels = labels_told(row.labels)
            figures = (
                f"{row.patches:,}",
                f"{row.threshold:.3f}",
                str(row.held_out),
                detectors,
                labels,
            )
            named = (row.product, row.view, str(row.version), row.status)
            table.add_row(*map(escape, named), *figures, escape(row.backbone))
    out.print(table)


@app.command()
def rollback(product: Product, view: View = "main") -> None:
    """Put the bank before the live one back in its place."""
    with database() as conn:
        version = banks.rollback(conn, product, view)
    out.print(f"version {version} of {escape(product)}, view {escape(view)} is live again")


@app.command("evaluate")
def evaluate_(product: Product, view: View = "main") -> None:
    """Measure the live bank on the registered pictures that are not in it.

    Normal ones were judged by the pieces other than their own, and its threshold was set by them: take the
    false alarms with a grain of salt. Defective ones were never seen, or, where the bank has learned from
    them, were judged without their piece. Needs scikit-learn (the extra `tune`).
    """
    settings = read(EncoderSettings)
    with database() as conn, progress() as bars:
        rows = evaluate.run(conn, settings, product, view, _step_bars(bars))
    table = Table("defect", "pictures", "image AUROC", "found", box=SIMPLE)
    for row in rows:
        area = "–" if row.auroc is None else f"{row.auroc:.3f}"
        table.add_row(escape(row.defect), str(row.pictures), area, f"{row.found:.3f}")
    out.print(table)


@app.command()
def compare(product: Product, view: View = "main") -> None:
    """Compare the live bank with the one before it: what the rebuild changed, picture by picture.

    On registered pictures, and on inspected ones that people labelled and that are in no bank; each bank at
    its own threshold. It is kept in the bank's report (GET /defects/banks).
    """
    settings = read(EncoderSettings)
    with database() as conn, progress() as bars:
        found = comparison.compare(conn, settings, product, view, _step_bars(bars))
    table = Table(
        "label", "pictures", f"above, v{found.before}", f"above, v{found.after}", box=SIMPLE
    )
    for label, group in sorted(found.groups.items(), key=lambda one: (one[0] != "normal", one[0])):
        table.add_row(escape(label), str(group.pictures), str(group.before), str(group.after))
    out.print(table)
    for one in found.changes:
        name = f"item {one.item_id}" if one.item_id else f"analysis {one.analysis_id}"
        out.print(f"{name} ({escape(one.label)}): {one.before}, now {one.after}", highlight=False)


def labels_told(labels: dict[str, Any] | None) -> str:
    """Say what came of the labelled defects when a bank was built."""
    if labels is None:
        return "not asked"
    told = f"{labels['pictures']} of {labels['pieces']} pieces"
    if labels["auroc"]:
        told += ", AUROC on pieces held out {:.3f} without, {:.3f} with".format(*labels["auroc"])
    return f"{told}: {'joined' if labels['joined'] else 'not used'}; {labels['reason']}"


def _step_bars(bars: Progress) -> Callable[[str, int, int], None]:
    tasks: dict[str, TaskID] = {}

    def step(what: str, done: int, whole: int) -> None:
        if what not in tasks:
            tasks[what] = bars.add_task(what, total=whole)
        bars.update(tasks[what], completed=done)

    return step
