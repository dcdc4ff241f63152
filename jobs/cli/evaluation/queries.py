"""`seogo queries`: searches of the query log that found nothing, or nothing by their words."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer
from rich.box import SIMPLE
from rich.markup import escape
from rich.table import Table

from db.calls.query import fetch
from db.search import query_log
from jobs.cli.console import database, out


def queries(
    collection: Annotated[
        str | None, typer.Option("--collection", "-c", help="Only of this one.")
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=3650, help="How far back.")] = 30,
    limit: Annotated[
        int, typer.Option("-n", min=1, max=1000, help="So many, the worst first.")
    ] = 50,
) -> None:
    """List what people asked and did not find: no hits, no hit with their words, or weak ones only.

    Reads the query log, which is kept only where SEOGO_QUERY_LOG is set (docs/http-api.md#query-log). What is
    often asked and never found is worth a synonym (`seogo proposals`), a better text, or an item.

    seogo queries -c parts --days 7
    """
    with database() as conn:
        asked = query_log.weak_queries(
            only_collection=collection, within=timedelta(days=days), k=limit
        )
        rows = fetch(conn, asked)
    if not rows:
        out.print(
            "nothing: every logged search found something by its words, or none is logged"
            " (SEOGO_QUERY_LOG)"
        )
        return
    table = Table(
        "collection", "query", "asked", "nothing", "wordless", "weak", "best", "last", box=SIMPLE
    )
    for row in rows:
        best = "" if row.best_score is None else f"{row.best_score:.4f}"
        counts = (str(n) for n in (row.asked, row.nothing, row.wordless, row.weak))
        when = f"{row.last_asked_at:%Y-%m-%d %H:%M}"
        table.add_row(escape(row.collection), escape(row.query), *counts, best, when)
    out.print(table)
