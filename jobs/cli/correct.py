"""`seogo correct`: correct a mistyped query."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer
from rich.markup import escape

from db.settings import read
from encoders.settings import EncoderSettings
from encoders.text.rendering import clean
from flows.local import Local
from flows.search import correction
from jobs.cli.console import database, err, out


def correct(
    collection: Annotated[
        str, typer.Option("--collection", "-c", help="Whose words the query is corrected by.")
    ],
    query: Annotated[str, typer.Argument(help="A query as it was typed, in quotes.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, for programs.")] = False,
) -> None:
    """Correct a mistyped query by the words of a collection.

    Letters replaced, left out, put in or exchanged; Hangul typed with the Latin keyboard and the other
    way round (wlsrhd: 진공); words typed together or apart. Part numbers, citations, quantities and words
    that the collection has stay as they are. `seogo search` offers the same by itself.

    Example: seogo correct -c parts "vacum wlsrhd vjavm"
    """
    with database() as conn:
        flow = correction.correct(collection, clean(query))
        found = Local(conn, read(EncoderSettings)).run(flow)
    if as_json:
        typer.echo(msgspec.json.encode(found))
        return
    if found.uncounted is None:
        err.print("[yellow]a shard does not answer: whether all words are counted is not known[/]")
    if found.uncounted:
        err.print(
            f"[yellow]the words of {found.uncounted:,} items are not counted as they are now;"
            " count them by:[/] seogo maintain"
        )
    if found.unchecked:
        err.print(
            f"[yellow]the {found.unchecked:,} words are not looked at: too many for a query that was typed[/]"
        )
    if found.corrected is None:
        out.print("nothing to correct")
        return
    out.print(escape(found.corrected), highlight=False)
    for change in found.changes:
        line = f"  {change.typed} -> {change.meant}  ({change.how}; {change.items:,} items have it)"
        out.print(escape(line), highlight=False)
