"""`seogo suggest`: complete what somebody is typing."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer
from rich.box import SIMPLE
from rich.table import Table
from rich.text import Text

from db.settings import read
from encoders.settings import EncoderSettings
from flows.local import Local
from flows.search.suggest import MAX_SUGGESTIONS, Suggestions
from flows.search.suggest import suggest as completed
from jobs.cli.console import database, err, out

STATES = {
    "building": "older items are still missing; `seogo maintain` reads their titles",
    "off": "this collection suggests nothing; `seogo collection update NAME --title FIELD` switches it on",
}


def suggest(
    collection: Annotated[str, typer.Option("--collection", "-c", help="Whose completions.")],
    prefix: Annotated[
        str,
        typer.Argument(
            help="What was typed so far: 진고, 펌ㅍ, initials (ㅈㄱㅍㅍ), the wrong keyboard (wlsrhd)."
        ),
    ],
    k: Annotated[int, typer.Option("--k", min=1, max=MAX_SUGGESTIONS, help="How many.")] = 10,
    filter: Annotated[
        str | None,
        typer.Option(
            help="On metadata, as `seogo search` takes it: only what an item that passes has."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON, for programs.")] = False,
) -> None:
    """Complete what somebody is typing: titles, words, phrases, part numbers, frequent queries.

    The titles' fields are chosen by `seogo collection update NAME --title FIELD`.
    """
    with database() as conn:
        found = Local(conn, read(EncoderSettings)).run(
            completed(collection, prefix, k=k, filter=filter)
        )
    if as_json:
        typer.echo(msgspec.json.encode(found))
        return
    if note := STATES.get(found.state):
        err.print(note, markup=False, highlight=False, soft_wrap=True)
    if found.suggestions:
        out.print(_table(found))
    elif found.state != "off":
        out.print("nothing begins so")


def _table(found: Suggestions) -> Table:
    table = Table("completion", "source", "items", "by", box=SIMPLE)
    for one in found.suggestions:
        by = one.how + (f", without {' '.join(one.ignored)}" if one.ignored else "")
        count = f"{one.n:,}{'+' if one.lower_bound else ''}"
        if one.source == "query":
            count = f"{one.n:,} searches"
        table.add_row(Text(one.text), one.source, count, by)
    return table
