"""`seogo collection`: make and list collections."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from db.items import alter_collection, collections, create_collection
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


@app.command()
def update(
    name: Annotated[str, typer.Argument(help="An existing collection.")],
    analyzer: Annotated[str | None, typer.Option(help="simple, english or korean.")] = None,
    weight: Annotated[
        list[str] | None,
        typer.Option(help="FIELD=NUMBER, repeatable; replaces all weights. 0 = not indexed."),
    ] = None,
) -> None:
    """Change the analyzer or the field weights; `seogo maintain` then builds the new index."""
    weights = None if weight is None else dict(_weight(text) for text in weight)
    with database() as conn:
        fetch(conn, alter_collection(name=name, analyzer=analyzer, field_weights=weights))
    out.print(f"collection {name} changed; run `seogo maintain` to put it in force")


def _weight(text: str) -> tuple[str, float]:
    field, _, number = text.rpartition("=")
    try:
        return field, float(number)
    except ValueError as exc:
        raise typer.BadParameter(f"{text}: write FIELD=NUMBER, such as title=2") from exc


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
            told = map(escape, (weights, ids, vectors))
            table.add_row(row.collection, row.analyzer, *told, f"{row.items:,}")
    out.print(table)
