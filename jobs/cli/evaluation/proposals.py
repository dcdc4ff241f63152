"""`seogo proposals`: synonyms proposed from vectors and the query log, for a person to accept or refuse."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.box import SIMPLE
from rich.markup import escape
from rich.table import Table

from db.calls.query import fetch
from db.search import proposals as sql
from db.settings import read
from encoders.settings import EncoderSettings
from flows.encoding import Encoders
from jobs import proposals
from jobs.cli.console import database, out
from jobs.cli.values import MOST_ID

app = typer.Typer(
    no_args_is_help=True,
    help="Synonyms that somebody may want: made from vectors and the query log, accepted by you.\n\n"
    "seogo proposals make -c parts;  seogo proposals list -c parts;  seogo proposals accept 12;"
    "  seogo proposals refuse 13",
)
IDS = Annotated[list[int], typer.Argument(min=1, max=MOST_ID, help="From `seogo proposals list`.")]


@app.command()
def make(
    collection: Annotated[str, typer.Option("--collection", "-c", help="Of whose words.")],
) -> None:
    """Look for pairs of words that may mean the same; those decided before are not proposed again."""
    with database() as conn:
        n = proposals.propose(conn, collection, Encoders(read(EncoderSettings)))
    out.print(
        f"{n} new; look at them: seogo proposals list -c {collection}",
        markup=False,
        highlight=False,
    )


@app.command("list")
def list_(
    collection: Annotated[
        str | None, typer.Option("--collection", "-c", help="Only of this one.")
    ] = None,
    state: Annotated[str, typer.Option(help="open, accepted, refused or all.")] = "open",
) -> None:
    """List proposals with what they rest on."""
    with database() as conn:
        only = None if state == "all" else state
        rows = fetch(conn, sql.proposed(only_collection=collection, only_state=only))
    table = Table("#", "collection", "words", "from", "score", "state", box=SIMPLE)
    table.add_column("evidence", overflow="fold")
    for row in rows:
        words, evidence = " = ".join(row.words), json.dumps(row.evidence, ensure_ascii=False)
        shown = (
            str(row.proposal_id),
            row.collection,
            words,
            row.origin,
            f"{row.score:.2f}",
            row.state,
        )
        table.add_row(*map(escape, (*shown, evidence)))
    out.print(table)


@app.command()
def accept(ids: IDS) -> None:
    """Accept proposals."""
    _decide(ids, accept=True)


@app.command()
def refuse(ids: IDS) -> None:
    """Refuse proposals; they are not made again."""
    _decide(ids, accept=False)


def _decide(ids: list[int], *, accept: bool) -> None:
    with database() as conn:
        for proposal_id in ids:
            state = fetch(conn, sql.decide(proposal_id=proposal_id, accept=accept))[0].state
            out.print(f"{proposal_id} {state}", highlight=False)
