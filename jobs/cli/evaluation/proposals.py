"""`seogo proposals`: profiles, synonyms and queries to judge that are proposed, for a person to decide."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.box import SIMPLE
from rich.markup import escape
from rich.table import Table

from db.calls.query import fetch
from db.evaluation import live
from db.search import proposals as sql
from db.settings import read
from encoders.settings import EncoderSettings
from flows.encoding import Encoders
from jobs import loop, proposals
from jobs.cli.console import database, out

app = typer.Typer(
    no_args_is_help=True,
    help="Proposals from vectors, the query log and clicks: profiles, synonyms, queries to judge.\n\n"
    "seogo proposals make -c parts;  seogo proposals list -c parts;  seogo proposals accept synonym-12;"
    "  seogo proposals refuse profile-3;  seogo proposals clicks -c parts",
)
IDS = Annotated[list[str], typer.Argument(help="From `seogo proposals list`, such as synonym-12.")]
Collection = Annotated[str, typer.Option("--collection", "-c", help="Of whose words and queries.")]


@app.command()
def make(collection: Collection) -> None:
    """Look for synonyms, queries to judge, and a better fusion by clicks; the schedule does it nightly.

    Those decided before are not proposed again. A fusion is learned from judgments made of clicks, and
    proposed only if it beats the one in use on held-out queries; accepted, it has to win a live test.
    """
    settings = read(EncoderSettings)
    with database() as conn:
        words = proposals.propose(conn, collection, Encoders(settings))
        labels = fetch(conn, sql.propose_labels(collection=collection))[0].n
        told = loop.propose_profile(conn, settings, collection)
    out.print(f"new: {words} synonyms, {labels} queries to judge", highlight=False)
    out.print(f"fusion by clicks: {told}", markup=False, highlight=False, soft_wrap=True)
    out.print(f"look at them: seogo proposals list -c {collection}", markup=False, highlight=False)


@app.command("list")
def list_(
    collection: Annotated[
        str | None, typer.Option("--collection", "-c", help="Only of this one.")
    ] = None,
    state: Annotated[str, typer.Option(help="open, accepted, refused or all.")] = "open",
    kind: Annotated[str | None, typer.Option(help="profile, synonym or labels.")] = None,
) -> None:
    """List proposals with what they rest on."""
    with database() as conn:
        only = None if state == "all" else state
        listed = sql.proposals(only_collection=collection, only_state=only, only_kind=kind)
        rows = fetch(conn, listed)
    table = Table("#", "collection", "what", "score", "state", box=SIMPLE)
    table.add_column("evidence", overflow="fold")
    for row in rows:
        evidence = json.dumps(row.evidence, ensure_ascii=False)
        state_ = f"{row.state} by {row.decided_by}" if row.decided_by else row.state
        shown = (row.proposal, row.collection, row.subject, f"{row.score:.2f}", state_, evidence)
        table.add_row(*map(escape, shown))
    out.print(table)


@app.command()
def accept(ids: IDS) -> None:
    """Accept proposals: a profile goes to a live test, or to use if it won one; a query to `to-judge`."""
    _decide(ids, accept=True)


@app.command()
def refuse(ids: IDS) -> None:
    """Refuse proposals; they are not made again."""
    _decide(ids, accept=False)


def _decide(ids: list[str], *, accept: bool) -> None:
    with database() as conn:
        for name in ids:
            decided = sql.decide(proposal=name, accept=accept)
            out.print(f"{name} {fetch(conn, decided)[0].state}", highlight=False)


@app.command()
def clicks(
    collection: Collection,
    query_set: Annotated[
        str | None, typer.Option("--set", help="Where judgments made of clicks go.")
    ] = None,
) -> None:
    """Show how likely people look at each place of an answer; with --set, judge by clicks less that.

    The judgments are of the source `clicks`, never a person's: name it to measure by it.

    For example:  seogo proposals clicks -c parts --set clicked;  seogo eval metrics 1 --source clicks
    """
    with database() as conn:
        rows = fetch(conn, live.click_propensities(collection=collection))
        made = None
        if query_set is not None:
            judged = live.judge_clicks(query_set=query_set, collection=collection)
            made = fetch(conn, judged)[0]
    table = Table("place", "looked at", "shown", "opened", "rests on", box=SIMPLE)
    for row in rows:
        seen = (f"{row.propensity:.2f}", f"{row.shown}", f"{row.clicks}", row.basis)
        table.add_row(f"{row.rank}", *seen)
    out.print(table)
    if made is not None:
        told = f"{made.judgments} judgments of {made.queries} queries, {made.relevant} relevant"
        out.print(f"{told}; {made.left_out} queries want nothing that was shown", highlight=False)
