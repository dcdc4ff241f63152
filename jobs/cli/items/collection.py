"""`seogo collection`: make, change, list and delete collections."""

from __future__ import annotations

import json
import math
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer
from rich.markup import escape
from rich.table import Table

from db.calls.query import fetch
from db.items.items import (
    alter_collection,
    collections,
    create_collection,
    delete_collection,
)
from db.search.listing import add_sort_key, drop_sort_key
from db.search.shaping import set_shape
from db.search.suggestions import set_suggestions
from db.settings import read
from encoders.settings import CaptionSettings, EncoderSettings
from flows.unserved import captions_off
from jobs.cli.console import database, err, out
from jobs.cli.items import editing
from jobs.cli.items.unserved import warn_unserved
from jobs.cli.values import reader, shape_in, sources_in
from jobs.errors import JobError
from jobs.recipes import registry as recipes
from jobs.reembed import lifecycle

if TYPE_CHECKING:
    import psycopg

    from db.items.items import Deleted
    from jobs.recipes.base import Recipe

app = typer.Typer(no_args_is_help=True, help="Collections: groups of items searched together.")
app.command("labels")(editing.labels)
app.command("edit")(editing.change)


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="Lower-case letters, digits, - and _.")],
    recipe: Annotated[
        str, typer.Option(help="Whose settings it gets; see `seogo ingest --help`.")
    ] = "generic",
    shards: Annotated[
        str | None,
        typer.Option(help="Shards over which its items are spread: a,b,c (see `seogo shard`)."),
    ] = None,
) -> None:
    """Make a collection: its analyzer, field weights, identifiers and vectors come from a recipe."""
    with database() as conn:
        make_collection(conn, name, recipes.get(recipe), shards.split(",") if shards else None)
    out.print(f"collection {name} (recipe {recipe})")


def make_collection(
    conn: psycopg.Connection[Any], name: str, recipe: Recipe, shards: list[str] | None = None
) -> None:
    """Make a collection with the settings of a recipe; one that is there keeps its spaces.

    Says which spaces it does not have, and why: the model of one is not here, or it is older than they are.

    Raises:
        BadRequest: it exists with other settings.
    """
    settings, left_out = recipe.settings(read(EncoderSettings))
    wanted = settings.vector_sources or {}
    for there in fetch(conn, collections()):
        if there.collection == name:
            missing = ", ".join(wanted.keys() - there.vector_sources.keys())
            left_out = (
                missing and f"collection {name} is older than spaces of its recipe: {missing}"
            )
            settings = msgspec.structs.replace(settings, vector_sources=there.vector_sources)
    if shards is not None:
        settings = msgspec.structs.replace(settings, shards=shards)
    fetch(conn, create_collection(name=name, settings=settings))
    if left_out:
        err.print(left_out, markup=False, highlight=False, soft_wrap=True)


@app.command()
def update(
    name: Annotated[str, typer.Argument(help="An existing collection.")],
    analyzer: Annotated[str | None, typer.Option(help="simple, english or korean.")] = None,
    weight: Annotated[
        list[str] | None,
        typer.Option(help="FIELD=NUMBER, repeatable; replaces all weights. 0 = not indexed."),
    ] = None,
    identifier: Annotated[
        list[str] | None,
        typer.Option(
            help='Field where part numbers stand, repeatable; replaces all; "": none. Read at once.'
        ),
    ] = None,
    ocr: Annotated[
        str | None,
        typer.Option(
            callback=reader, help='Who reads new pictures: auto or an engine; "": nobody.'
        ),
    ] = None,
    caption: Annotated[
        str | None,
        typer.Option(help='Prompt by which new pictures are described; "": none.'),
    ] = None,
    title: Annotated[
        list[str] | None,
        typer.Option(
            help='Field whose values are suggested while typing, repeatable; "": suggest nothing.'
        ),
    ] = None,
    suggest_queries: Annotated[
        bool | None, typer.Option(help="Whether frequent queries of the query log are suggested.")
    ] = None,
    shape: Annotated[
        str | None,
        typer.Option(
            callback=shape_in,
            help='Shaping of every search\'s results: \'{"collapse": {"field": "maker"}}\'; "": none.',
        ),
    ] = None,
) -> None:
    """Change settings. Pictures that are there already: `seogo pictures again`."""
    weights = None if weight is None else dict(_weight(text) for text in weight)
    with database() as conn:
        query = alter_collection(
            name=name,
            analyzer=analyzer,
            field_weights=weights,
            identifier_fields=None if identifier is None else [one for one in identifier if one],
            picture_readers=_changed_readers(conn, name, {"ocr": ocr, "caption": caption}),
        )
        fetch(conn, query)
        _set_suggestions(conn, name, title, suggest_queries)
        if shape is not None:
            fetch(conn, set_shape(collection=name, shape=json.loads(shape)))
        if caption and (off := captions_off(read(CaptionSettings))) is not None:
            told = f"warning: new pictures will wait for captions by {caption}: {off[0]}; {off[1]}"
            err.print(told, markup=False, highlight=False, soft_wrap=True)
        warn_unserved(conn)
    out.print(f"collection {name} changed")
    if analyzer is not None or weights is not None:
        out.print("run `seogo maintain` to build the new lexical index and put it in force")


@app.command()
def feed(
    name: Annotated[str, typer.Argument(help="An existing collection.")],
    space: Annotated[str, typer.Argument(help="The vector space: text, image, or another name.")],
    sources: Annotated[
        list[str] | None,
        typer.Argument(
            help="Fields, templates with fields in braces, pictures by role: title '[maker] {maker}' @photo."
            " In place of those before; without any, shows them."
        ),
    ] = None,
    stop: Annotated[bool, typer.Option("--stop", help="No more; deletes its vectors.")] = False,
) -> None:
    """Choose what a vector space embeds of a collection; `seogo embed` encodes it.

    A template such as "[maker] {maker}" tells the model what a value is; where the item has none, it is left
    out. Vectors whose text is another one afterwards are stale: they answer until they are made anew. Measure
    before and after: seogo eval run, and compare.

    seogo collection feed parts text "[maker] {maker}" title description
    """
    if stop and sources:
        raise typer.BadParameter("name sources, or --stop")
    with database() as conn:
        if not stop and not sources:
            return out.print_json(data=_fed(conn, name, space))
        chosen = None if stop else sources_in(sources or [])
        queued = lifecycle.feed(conn, collection=name, space=space, sources=chosen)
        warn_unserved(conn)
    told = "feeds it no more" if stop else f"{queued:,} items queued"
    out.print(f"space {escape(space)} of {escape(name)}: {told}", highlight=False)


def _fed(conn: psycopg.Connection[Any], name: str, space: str) -> dict[str, list[str]]:
    """Fields, templates and roles that a collection feeds a space, by source.

    Raises:
        JobError: nothing.
    """
    rows = [row for row in fetch(conn, collections()) if row.collection == name]
    fed: dict[str, list[str]] | None = rows[0].vector_sources.get(space) if rows else None
    if fed is None:
        raise JobError(f"{name} embeds nothing in the space {space}", "see: collection list")
    return fed


@app.command("sort-key")
def sort_key(
    name: Annotated[str, typer.Argument(help="An existing collection.")],
    key: Annotated[
        str, typer.Argument(help="A metadata key; with - before it, the highest first: -- -price.")
    ],
    drop: Annotated[bool, typer.Option("--drop", help="Delete the index again.")] = False,
) -> None:
    """Make an index to list a large collection by a metadata key (search --sort); writers wait meanwhile."""
    change = drop_sort_key if drop else add_sort_key
    with database() as conn:
        (changed,) = fetch(conn, change(collection=name, sort=key))
    done = {(True, False): "made", (True, True): "deleted", (False, False): "was there already"}
    said = done.get((changed.done, drop), "was not there")
    out.print(f"index of {escape(name)} by {escape(key)}: {said}", highlight=False)


@app.command()
def delete(
    name: Annotated[str, typer.Argument(help="An existing collection.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Delete a collection with all that is in it: items, vectors, products with their banks, runs.

    Says first how much that is, and asks. Pictures that no other item has go with the next `seogo maintain`.
    """
    with database() as conn:
        (there,) = fetch(conn, delete_collection(name=name, count_only=True))
        out.print(f"collection {escape(name)}: {_format_deleted(there)}", highlight=False)
        if not yes:
            if not sys.stdin.isatty():
                raise JobError(
                    "nobody is here to be asked", f"seogo collection delete {name} --yes"
                )
            typer.confirm("Delete all of it?", abort=True)
        (gone,) = fetch(conn, delete_collection(name=name))
    out.print(f"deleted: {_format_deleted(gone)}", highlight=False)


def _format_deleted(counted: Deleted) -> str:
    return (
        f"{counted.items:,} items with {counted.pictures:,} pictures,"
        f" {counted.products:,} products with {counted.analyses:,} analyses"
    )


def _changed_readers(
    conn: psycopg.Connection[Any], name: str, changes: dict[str, str | None]
) -> dict[str, str] | None:
    """The collection's readers with the changed ones; None where none changes."""
    if all(reader is None for reader in changes.values()):
        return None
    now = next((c.picture_readers for c in fetch(conn, collections()) if c.collection == name), {})
    changed = now | {kind: reader for kind, reader in changes.items() if reader is not None}
    return {kind: reader for kind, reader in changed.items() if reader}


def _set_suggestions(
    conn: psycopg.Connection[Any], name: str, titles: list[str] | None, queries: bool | None
) -> None:
    """Choose what is suggested; says that maintenance has to read titles again."""
    if titles is None and queries is None:
        return
    fields = None if titles is None else [field for field in titles if field]
    fetch(conn, set_suggestions(collection=name, title_fields=fields, queries=queries))
    if fields:
        out.print("suggestions are complete after the next `seogo maintain`")


def _weight(text: str) -> tuple[str, float]:
    field, _, number = text.rpartition("=")
    with suppress(ValueError):
        if field.strip() and math.isfinite(weight := float(number)):
            return field.strip(), weight
    raise typer.BadParameter(f"{text}: write FIELD=NUMBER, such as title=2")


@app.command("list")
def list_() -> None:
    """List the collections."""
    table = Table("collection", "analyzer", "fields weighted", "identifiers", "vectors")
    table.add_column("items", justify="right")
    unknown: list[str] = []
    with database() as conn:
        for row in fetch(conn, collections()):
            weights = ", ".join(f"{f} {w:g}" for f, w in row.field_weights.items())
            vectors = ", ".join(f"{s}: {'/'.join(v)}" for s, v in row.vector_sources.items())
            ids = ", ".join(row.identifier_fields)
            told = map(escape, (weights, ids, vectors))
            items = "–" if row.items is None else f"{row.items:,}"
            table.add_row(row.collection, row.analyzer, *told, items)
            unknown.extend([row.collection] * (row.items is None))
    out.print(table)
    if unknown:
        trouble = f"not counted, as a shard does not answer: {', '.join(unknown)}; see `seogo shard doctor`"
        err.print(trouble, markup=False, highlight=False, soft_wrap=True)
