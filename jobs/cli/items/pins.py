"""`seogo pins`: items that people pin to a place in the results of a query, or bury."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from db.calls.query import fetch
from db.search import shaping
from db.settings import read
from encoders.settings import EncoderSettings
from flows.local import Local
from flows.search import pins as flow
from flows.search.pins import PinIn
from jobs.cli.console import database, out
from jobs.cli.outputs import writable_file, write_or_show
from jobs.errors import JobError

app = typer.Typer(
    no_args_is_help=True,
    help="Items pinned to a place in the results of a query, or buried below them.\n\n"
    "A query is matched without regard to case and blanks: 진공 펌프 is 진공펌프. A pinned item that does"
    " not pass the filter of a search is not shown.",
)
Collection = Annotated[str, typer.Option("--collection", "-c", help="Where the query is asked.")]
Query = Annotated[str, typer.Argument(help="The query as people type it.")]
Item = Annotated[str, typer.Argument(help="Id of the item, as results show it.")]
Begin = Annotated[
    str | None, typer.Option("--from", help="First day, such as 2026-01-01 (UTC); default: now.")
]
End = Annotated[
    str | None, typer.Option("--until", help="The day on which it is over; default: never.")
]
Note = Annotated[str | None, typer.Option(help="Why, for colleagues.")]


@app.command("set")
def set_(
    query: Query,
    item: Item,
    collection: Collection,
    place: Annotated[int, typer.Option(min=1, max=100, help="Place in the results.")] = 1,
    begin: Begin = None,
    end: End = None,
    note: Note = None,
) -> None:
    """Pin an item to a place in the results of a query.

    For example:  seogo pins set "진공 펌프" P0002 -c parts --until 2027-01-01
    """
    pin = PinIn(query=query, external_id=item, place=place, from_=begin, until=end, note=note)
    _write(collection, pin)


@app.command()
def bury(
    query: Query,
    item: Item,
    collection: Collection,
    begin: Begin = None,
    end: End = None,
    note: Note = None,
) -> None:
    """Put an item below all other results of a query."""
    pin = PinIn(query=query, external_id=item, place=0, from_=begin, until=end, note=note)
    _write(collection, pin)


@app.command()
def remove(query: Query, item: Item, collection: Collection) -> None:
    """Remove the pin, or the burial, of an item for a query."""
    with database() as conn:
        gone = fetch(conn, shaping.unpin_item(collection=collection, query=query, external_id=item))
    if not gone[0].done:
        raise JobError(
            f"{item} is not pinned for this query", f"`seogo pins list -c {collection}` shows pins"
        )
    out.print(f"{escape(item)}: no pin any more")


@app.command("list")
def list_(
    collection: Collection,
    query: Annotated[str | None, typer.Option(help="Only those of this query.")] = None,
) -> None:
    """List pins, with what they do now."""
    table = Table("query", "item", "place", "from", "until", "state", "note")
    with database() as conn:
        for pin in fetch(conn, shaping.pins(collection=collection, query=query)):
            days = [f"{day:%Y-%m-%d}" if day else "" for day in (pin.valid_from, pin.valid_until)]
            place = "buried" if pin.place is None else str(pin.place)
            named = (escape(pin.query), escape(pin.external_id))
            table.add_row(*named, place, *days, pin.state, escape(pin.note or ""))
    out.print(table)


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A CSV table.")],
    collection: Collection,
    replace: Annotated[bool, typer.Option(help="Delete the pins that are not in it.")] = False,
) -> None:
    """Write the pins of a CSV table: query, external_id, and place, from, until, note.

    An empty place is 1, 0 buries. One wrong row, and nothing is written.
    """
    with database() as conn:
        local = Local(conn, read(EncoderSettings))
        done = local.run(flow.import_table(collection, file, replace=replace))
    out.print(f"{done.written} written, {done.deleted} deleted")
    if done.without_item:
        out.print(f"{done.without_item} wait for their item, which the collection does not have")


@app.command()
def export(
    collection: Collection,
    to: Annotated[
        Path | None, typer.Option(callback=writable_file, help="A file; default: shown.")
    ] = None,
) -> None:
    """Write all pins as a CSV table that `seogo pins import` reads."""
    with database() as conn:
        text = Local(conn, read(EncoderSettings)).run(flow.export_table(collection))
    write_or_show(text, to)


def _write(collection: str, pin: PinIn) -> None:
    with database() as conn:
        pins = Local(conn, read(EncoderSettings)).run(flow.write_pin(collection, pin))
    for one in pins:
        place = "buried" if one.place is None else f"place {one.place}"
        out.print(f"{escape(one.query)}: {escape(one.external_id)} {place}, {one.state}")
