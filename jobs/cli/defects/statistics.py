"""Statistics of inspections and drift of their scores, printed."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.box import SIMPLE
from rich.markup import escape
from rich.table import Table

from db.calls.query import fetch
from db.defects import statistics as sql
from jobs.cli.console import database, out
from jobs.defects.drift import meaning

Product = Annotated[str | None, typer.Option("--product", "-p", help="Only this one.")]


def statistics(
    product: Product = None,
    days: Annotated[int, typer.Option(min=1, max=3660, help="Of the latest days, in UTC.")] = 30,
) -> None:
    """Count inspected pictures by day, product and view, with what people said of the verdicts.

    `median` and `p95` are of score / threshold: 1 is at the threshold. See search.defect_statistics; by type
    of defect: search.defect_counts.
    """
    counted = ("pictures", "judged", "defective", "refuted", "missed", "confirmed", "guessed")
    table = Table("day", "product", "view", "bank", *counted, "median", "p95", box=SIMPLE)
    with database() as conn:
        for row in fetch(conn, sql.defect_statistics(only_product=product, days=days)):
            bank = "none" if row.bank_version is None else f"v{row.bank_version}"
            scores = ("–" if one is None else f"{one:.3f}" for one in (row.median, row.p95))
            numbers = (f"{getattr(row, name):,}" for name in counted)
            table.add_row(str(row.day), escape(row.product), row.view, bank, *numbers, *scores)
    out.print(table)


def drift(
    recent: Annotated[
        int, typer.Option(min=20, max=100_000, help="Pictures of each bank that are recent.")
    ] = 200,
) -> None:
    """Measure now whether scores drift, as the nightly task `measure_drift` does.

    Recent pictures of each live bank are compared with the normal ones that set its threshold and with the
    pictures before them; banks without new pictures, or with fewer than 20 to compare, are left out. See
    search.score_drift; alarms are events (drift.measured), and in seogo doctor.
    """
    table = Table("product", "view", "pictures", "against", "found", "alarm", box=SIMPLE)
    with database() as conn:
        found = fetch(conn, sql.measure_drift(recent_n=recent))
    for row in found:
        said = meaning(row.measure, row.value, row.reference)
        alarm = "[red]yes[/]" if row.alarm else "no"
        counts = (f"{row.n:,}", f"{row.reference_n:,}")
        table.add_row(escape(row.product), row.view, *counts, said, alarm)
    out.print(table if found else "nothing to measure: no bank has judged enough new pictures")
