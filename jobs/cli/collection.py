"""`seogo collection`: make and list collections."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from db.items import collections, create_collection
from db.query import fetch
from jobs import recipes
from jobs.cli.console import database, out

app = typer.Typer(no_args_is_help=True, help="Collections: groups of items searched together.")


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="Lower-case letters, digits, - and _.")],
    recipe: Annotated[
        str, typer.Option(help="Whose settings it gets; see `seogo ingest --help`.")
    ] = "generic",
) -> None:
    """Make a collection: its analyzer, field weights, identifiers and vectors come from a recipe."""
    settings = recipes.get(recipe).collection
    with database() as conn:
        fetch(conn, create_collection(name=name, settings=settings))
    out.print(f"collection {name} (recipe {recipe})")


@app.command("list")
def list_() -> None:
    """List the collections."""
    table = Table("collection", "analyzer", "fields weighted", "identifiers", "vectors")
    table.add_column("items", justify="right")
    with database() as conn:
        for row in fetch(conn, collections()):
            weights = ", ".join(f"{f} {w:g}" for f, w in row.field_weights.items())
            vectors = ", ".join(f"{s}: {'/'.join(v)}" for s, v in row.vector_sources.items())
            ids = ", ".join(row.identifier_fields)
            table.add_row(row.collection, row.analyzer, weights, ids, vectors, f"{row.items:,}")
    out.print(table)
