"""`seogo collection labels` and `edit`, `seogo pictures readings`: names of keys, items, who read them."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.box import SIMPLE
from rich.markup import escape
from rich.table import Table

from db.calls.query import fetch
from db.items import editing, items
from db.items.items import collections
from db.settings import read
from encoders.settings import EncoderSettings
from flows.items.editing import ItemChange, edit
from flows.local import Local
from inputs.files import text as text_of
from jobs.cli.console import database, out
from jobs.cli.search import item_ids

if TYPE_CHECKING:
    from db.items.editing import Part
    from db.items.rows import Item


def labels(
    name: Annotated[str, typer.Argument(help="An existing collection.")],
    given: Annotated[
        str | None,
        typer.Argument(
            metavar="JSON", help="Names by key, or @FILE; without it, shows those there are."
        ),
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Remove the names of all other keys.")
    ] = False,
) -> None:
    """Name keys and their values in Korean and English: pages show the names, searches go by the keys.

    seogo collection labels parts '{"torque_nm": {"ko": "토크(Nm)", "en": "torque (Nm)"}, "old": null}'
    seogo collection labels parts '{"kind": {"values": {"pump": {"ko": "펌프", "en": "pump"}}}}'
    """
    with database() as conn:
        if given is not None:
            wanted = _json(text_of(Path(given[1:])) if given.startswith("@") else given)
            fetch(conn, editing.set_labels(collection=name, labels=wanted, replaces=replace))
        fetch(conn, items.picture_readers(collection=name))  # says so where there is no such one
        rows = [row.labels for row in fetch(conn, collections()) if row.collection == name]
    out.print_json(data=rows[0])


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as exc:
        raise typer.BadParameter(f"no JSON: {exc}") from exc


def change(
    name: Annotated[str, typer.Argument(help="An existing collection.")],
    key: Annotated[str, typer.Argument(metavar="ID", help="Of the item, as results show it.")],
    field: Annotated[
        list[str] | None, typer.Option(help="FIELD=TEXT, repeatable; an empty text removes it.")
    ] = None,
    meta: Annotated[
        list[str] | None, typer.Option(help="KEY=JSON or KEY=TEXT, repeatable; empty removes it.")
    ] = None,
) -> None:
    """Change single fields and metadata keys of an item, and show what was there before.

    seogo collection edit parts P0002 --field title="dry pump" --meta year=2022 --meta note=
    """
    given = [("fields", text) for text in field or ()] + [("metadata", text) for text in meta or ()]
    if not given:
        raise typer.BadParameter("say what to change: --field FIELD=TEXT, --meta KEY=JSON")
    with database() as conn:
        (item_id,) = item_ids(conn, name, [key])
        (there,) = fetch(conn, items.item(item_id=item_id))
        changes = [
            _change(there, "fields" if part == "fields" else "metadata", text)
            for part, text in given
        ]
        done = Local(conn, read(EncoderSettings)).run(edit(item_id, changes))
    for one in done:
        said = f"{one.name}: {_shown(one.was)} -> {_shown(one.becomes)}"
        out.print(said, markup=False, highlight=False, soft_wrap=True)
    out.print("found by words at once; by meaning when a worker has encoded it (seogo embed)")


def _change(item: Item, part: Part, text: str) -> ItemChange:
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise typer.BadParameter(f"{text}: write NAME=VALUE")
    wanted: Any = value or None
    if part == "metadata":
        with suppress(ValueError):
            wanted = json.loads(value) if value else None
    there = item.fields if part == "fields" else item.metadata
    return ItemChange(part=part, name=name, seen=there.get(name), wanted=wanted)


def _shown(value: Any) -> str:
    return "(nothing)" if value is None else json.dumps(value, ensure_ascii=False)


def readings(
    name: Annotated[str, typer.Argument(metavar="ID", help="Of the item, as results show it.")],
    collection: Annotated[str, typer.Option("--collection", "-c", help="Where it is.")],
) -> None:
    """Show who read the pictures of an item, when, and what it gave; then what readings before gave.

    seogo pictures readings P0002 -c parts
    """
    table = Table("picture", "kind", "state", "by", "at", "what", box=SIMPLE)
    with database() as conn:
        (item_id,) = item_ids(conn, collection, [name])
        for row in fetch(conn, editing.readings(item_id=item_id)):
            picture = "all" if row.picture_id is None else f"{row.role} {row.picture_id}"
            at = row.read_at.isoformat(" ", "seconds") if row.read_at else ""
            gave = row.error or row.content or ("" if row.lines is None else f"{row.lines:,} lines")
            tried = "".join(f"; before: {one['captioner']}: {one['error']}" for one in row.tried)
            by = row.reader or f"wanted: {row.wanted}"
            told = (picture, row.kind, row.state, by, at, gave + tried)
            table.add_row(*map(escape, told))
        for one in fetch(conn, editing.earlier_readings(item_id=item_id)):
            at = one.read_at.isoformat(" ", "seconds")
            gave = " / ".join(one.content.splitlines()) or "(nothing)"
            table.add_row(
                str(one.picture_id), one.kind, "replaced", *map(escape, (one.reader, at, gave))
            )
    out.print(table)
