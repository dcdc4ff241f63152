"""`seogo failed`: what could not be encoded or read, and trying it again."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
import typer
from rich.box import SIMPLE
from rich.markup import escape
from rich.table import Table

from db.calls.query import fetch
from db.operations import workers
from jobs.cli.console import database, out

app = typer.Typer(
    no_args_is_help=True,
    help="What could not be encoded or read, and why.\n\n"
    "What failed is tried again ever more rarely, and parked in the end. Once mended:  seogo failed retry",
)

Collection = Annotated[str | None, typer.Option("--collection", "-c", help="Only of this one.")]
SpaceName = Annotated[str | None, typer.Option("--space", help="Only in this vector space.")]
Kind = Annotated[
    Literal["vectors", "ocr", "caption", "query"] | None,
    typer.Option("--kind", help="Only of this kind."),
]


@app.command("list")
def list_(
    collection: Collection = None,
    space: SpaceName = None,
    kind: Kind = None,
    limit: Annotated[int, typer.Option(min=1, help="Rows at most.")] = 100,
    as_json: Annotated[bool, typer.Option("--json", help="JSON lines, for programs.")] = False,
) -> None:
    """List what failed: parked ones first, which nobody tries again by themselves."""
    with database() as conn:
        query = workers.failed(collection=collection, space=space, kind=kind, limit=limit)
        rows = fetch(conn, query)
    if as_json:
        for row in rows:
            typer.echo(msgspec.json.encode(row))
        return
    if not rows:
        out.print("nothing failed")
        return
    table = Table(
        "what", "shard", "collection", "item", "space", "tried", "again", "why", box=SIMPLE
    )
    for row in rows:
        due = f"{row.next_attempt_at:%m-%d %H:%M:%S}" if row.next_attempt_at else ""
        space_name = f"{row.space}@{row.generation}" if row.space else ""
        item = row.external_id or row.query or ""
        cells = (
            row.kind,
            row.shard or "",
            row.collection or "",
            item,
            space_name,
            "" if row.attempts is None else row.attempts,
            due or ("parked" if row.parked else ""),
            row.error,
        )
        table.add_row(*(escape(str(cell)) for cell in cells))
    out.print(table)


@app.command()
def retry(collection: Collection = None, space: SpaceName = None, kind: Kind = None) -> None:
    """Have what failed tried again now, as if for the first time; workers do it."""
    with database() as conn:
        query = workers.retry_failed(collection=collection, space=space, kind=kind)
        found = fetch(conn, query)[0].n
    out.print(f"{found} queued again")
