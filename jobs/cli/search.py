"""`seogo search`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer
from rich.box import SIMPLE
from rich.markup import escape
from rich.table import Table

from db.calls.query import fetch
from db.items.items import collections
from db.settings import read
from encoders.settings import EncoderSettings
from jobs import query as job
from jobs.cli.console import database, err, out

if TYPE_CHECKING:
    import psycopg

    from db.rows import HybridHit, LegHit

TITLES = (("title",), ("name",), ("question",), ("law", "heading"), ("body",))


def search(
    collection: Annotated[str, typer.Option("--collection", "-c", help="Where to search.")],
    query: Annotated[
        str, typer.Argument(help="Words, a part number, a sentence; Korean or English.")
    ] = "",
    picture: Annotated[
        Path | None,
        typer.Option(
            "--picture", "-p", exists=True, dir_okay=False, help="A picture of what is looked for."
        ),
    ] = None,
    k: Annotated[int, typer.Option("--k", min=1, max=1000, help="How many results.")] = 10,
    filter: Annotated[
        str | None,
        typer.Option(
            help="On metadata: '{\"maker\": \"SMC\"}' or '$.year >= 2019 && $.in_stock == true'."
        ),
    ] = None,
    explain: Annotated[bool, typer.Option(help="Each leg's raw score as well.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="JSON lines, for programs.")] = False,
) -> None:
    """Search a collection by words, part numbers, meaning or a picture.

    The table shows how each leg ranked a result.
    """
    with database() as conn:
        hits, degraded, numbers = job.run(
            conn,
            read(EncoderSettings),
            collection=collection,
            query=query,
            picture=picture,
            k=k,
            filter=filter,
        )
        without = explain and _without_identifiers(conn, collection, hits)
    if numbers and not as_json:
        out.print(f"read on the picture: {escape(', '.join(numbers))}", highlight=False)
    for reason in degraded:
        err.print(f"[yellow]degraded:[/] {escape(reason)}", highlight=False)
    if as_json:
        for hit in hits:
            typer.echo(msgspec.json.encode(hit))
        return
    show(hits, explain=explain)
    if without:
        out.print(
            "identifier: no field of the collection is kept as one, so numbers are looked for as words;"
            " recipes such as `parts` name fields (seogo ingest --help)"
        )


def _without_identifiers(conn: psycopg.Connection[Any], name: str, hits: list[HybridHit]) -> bool:
    """Whether no number was looked up because the collection keeps none."""
    if any(hit.legs.get("identifier") for hit in hits):
        return False
    return any(c.collection == name and not c.identifier_fields for c in fetch(conn, collections()))


def show(hits: list[HybridHit], *, explain: bool = False) -> None:
    """Print hits as a table, one column per leg: the rank it gave, `–` where it has not the item."""
    if not hits:
        out.print(
            "nothing found: no leg has a match (check the filter; `seogo db status` shows vectors)"
        )
        return
    legs = sorted(hits[0].legs)
    table = Table(box=SIMPLE)
    table.add_column("#", justify="right")
    table.add_column("id", no_wrap=True, max_width=10)
    # What the other columns leave; rich would rather squeeze them all alike.
    leg_width = 12 if explain else 6
    taken = 29 + sum(max(len(name), leg_width) + 2 for name in legs)
    table.add_column("title", no_wrap=True, max_width=max(16, out.width - taken))
    for name in ("score", *legs):
        table.add_column(name, justify="right", no_wrap=True)
    for hit in hits:
        cells = [_cell(hit.legs[name], explain=explain) for name in legs]
        named = (escape(hit.external_id), escape(_title(hit)))
        table.add_row(str(hit.rank), *named, f"{hit.score:.4f}", *cells)
    out.print(table)


def _cell(leg: LegHit | None, *, explain: bool) -> str:
    if leg is None:
        return "–"
    return f"{leg.rank} ({leg.score:.3f})" if explain else str(leg.rank)


def _title(hit: HybridHit) -> str:
    """The first fields that read like a name of the item, on one line."""
    named = (
        " ".join(hit.fields[name] for name in names)
        for names in TITLES
        if all(hit.fields.get(name) for name in names)
    )
    return " ".join(next(named, next(iter(hit.fields.values()), "")).split())
