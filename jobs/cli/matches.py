"""`seogo matches`: which words of a query met which words of an item by meaning."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec
import typer
from rich.box import SIMPLE
from rich.table import Table
from rich.text import Text

from db.settings import read
from encoders.settings import EncoderSettings
from flows.local import Local
from flows.search.matches import Matches, met_words, token_matches
from jobs.cli.console import database, err, out
from jobs.cli.search import item_ids

if TYPE_CHECKING:
    from db.search.rows import MetWord


def matches(
    collection: Annotated[str, typer.Option("--collection", "-c", help="Whose item.")],
    query: Annotated[str, typer.Argument(help="The words that were searched for.")],
    item: Annotated[
        str, typer.Argument(help="External id of the item, as `seogo search` shows it.")
    ],
    space: Annotated[
        str | None,
        typer.Option(help="A live space of kind multi or sparse; the first there is without it."),
    ] = None,
    words: Annotated[
        bool, typer.Option("--words", help="By the words themselves: which of them stand where.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="JSON, for programs.")] = False,
) -> None:
    """Show which words of a query met which words of an item by meaning, and how nearly.

    For spaces of kind multi, which have a vector per token, and of kind sparse, which have weights of
    tokens: there, the tokens that both sides have, and what each adds to the score. Feed one, for example:
    seogo collection feed parts tokens --help;  seogo reembed start --space tokens --encoder hf:ORG/NAME
    """
    with database() as conn:
        (item_id,) = item_ids(conn, collection, [item])
        local = Local(conn, read(EncoderSettings))
        if words:
            return _show_words(local.run(met_words(collection, query, item_id)), as_json=as_json)
        found = local.run(token_matches(collection, query, item_id, space))
    if as_json:
        typer.echo(msgspec.json.encode(found))
        return
    if found.stale:
        err.print(
            "the text was changed since it was encoded: its words are not known; `seogo embed`"
        )
    if not found.matches and not found.tokens:
        out.print(f"nothing of the item met the query in space {found.space}")
        return
    out.print(_products(found) if found.tokens else _table(found))


def _show_words(rows: list[MetWord], *, as_json: bool) -> None:
    if as_json:
        return typer.echo(msgspec.json.encode(rows))
    table = Table("query", "text", "field", "times", box=SIMPLE)
    for row in rows:
        table.add_row(
            Text(row.word), Text(row.matched or "-"), Text(row.field or ""), str(row.hits or 0)
        )
    out.print(table)


def _table(found: Matches) -> Table:
    table = Table("query", "text", "similarity", "share of the score", box=SIMPLE)
    for one in found.matches:
        words = Text(one.words) if one.words else Text("(marks of the model)", style="dim")
        row = (f"{one.similarity:.3f}", f"{one.contribution:.3f}")
        table.add_row(words, Text(one.matched or ""), *row)
    table.caption = _caption(found)
    return table


def _products(found: Matches) -> Table:
    table = Table("token", "query", "text", "share of the score", "", box=SIMPLE)
    for one in found.tokens:
        weights = (f"{one.query_weight:.3f}", f"{one.item_weight:.3f}", f"{one.contribution:.3f}")
        by_meaning = "by meaning" if one.in_words is False else ""
        table.add_row(Text(one.token), *weights, Text(by_meaning, style="dim"))
    table.caption = _caption(found)
    return table


def _caption(found: Matches) -> str:
    return f"score {found.score:.3f}, source {found.source}, passage {(found.part_no or 0) + 1}"
