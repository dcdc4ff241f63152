"""`seogo classify`: values of a metadata key by the votes of the nearest items."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer
from rich.box import SIMPLE
from rich.markup import escape
from rich.table import Table

from db.errors import BadRequest
from db.settings import read
from encoders.settings import EncoderSettings
from encoders.text.rendering import clean
from flows.classify import Classified, ClassifyIn
from flows.classify import classify as classified
from flows.local import Local
from flows.search.request import MAX_K
from jobs.cli.console import database, err, out
from jobs.cli.search import item_ids

if TYPE_CHECKING:
    from db.search.classes import ClassVote

SHOWN_NEIGHBOURS = 5


def classify(
    collection: Annotated[str, typer.Option("--collection", "-c", help="Whose items vote.")],
    path: Annotated[str, typer.Argument(help="Metadata key, such as unit_small, maker.country.")],
    query: Annotated[str, typer.Argument(help="Words to classify, instead of an item.")] = "",
    item: Annotated[
        str | None, typer.Option(help="Id of an item to classify; it has no vote.")
    ] = None,
    picture: Annotated[
        Path | None,
        typer.Option("--picture", "-p", exists=True, dir_okay=False, help="A picture to classify."),
    ] = None,
    k: Annotated[int, typer.Option("--k", min=1, max=MAX_K, help="Neighbours that vote.")] = 10,
    space: Annotated[
        str | None, typer.Option(help="Space to compare in; text, or the first that fits.")
    ] = None,
    source: Annotated[
        str | None, typer.Option(help="Compare vectors of this source only, such as question.")
    ] = None,
    filter: Annotated[
        str | None, typer.Option(help="On metadata, as `seogo search` takes it: who may vote.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON, for programs.")] = False,
) -> None:
    """Classify an item, words or a picture by the items nearest to it: unit, difficulty, maker.

    seogo classify unit_small --item Q17 -c bank;  seogo classify difficulty "이차방정식의 해" -c bank

    Only items that have a value under the key vote, the nearest with the most weight. How good that is:
    `seogo eval classify`.
    """
    given = {
        "path": path,
        "query": clean(query).strip() or None,
        "picture": picture and {"base64": base64.b64encode(picture.read_bytes()).decode()},
        "k": k,
        "space": space,
        "source": source,
        "filter": filter,
    }
    with database() as conn:
        if item is not None:
            (given["item"],) = item_ids(conn, collection, [item])
        try:
            request = msgspec.convert({n: v for n, v in given.items() if v is not None}, ClassifyIn)
        except msgspec.ValidationError as exc:
            raise BadRequest(str(exc), "give --item ID, or words, or --picture FILE") from exc
        found = Local(conn, read(EncoderSettings)).run(classified(collection, request))
    if as_json:
        typer.echo(msgspec.json.encode(found))
    else:
        _show(found)


def _show(found: Classified) -> None:
    if found.neighbours < found.k:
        err.print(
            f"{found.neighbours} of {found.k} neighbours voted: no more have {found.path}",
            markup=False,
            highlight=False,
        )
    if not found.classes:
        out.print(f"no item with a vector in space {found.space} has {found.path}", markup=False)
        return
    table = Table(escape(found.path), box=SIMPLE)
    for column in ("share", "votes"):
        table.add_column(column, justify="right")
    table.add_column("nearest items with it", overflow="fold")
    for row in found.classes:
        table.add_row(
            escape(str(row.value)), f"{row.share:.2f}", str(row.votes), escape(_nearest(row))
        )
    out.print(table)


def _nearest(row: ClassVote) -> str:
    more = len(row.external_ids) - SHOWN_NEIGHBOURS
    shown = ", ".join(row.external_ids[:SHOWN_NEIGHBOURS])
    return shown + (f" and {more} more" if more > 0 else "")
