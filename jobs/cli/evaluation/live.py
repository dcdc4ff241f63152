"""`seogo profiles live`, `tests`, `stop`: profiles compared with the fusion in use by what people open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.box import SIMPLE
from rich.markup import escape
from rich.table import Table

from db.calls.query import fetch
from db.errors import UnknownName
from db.evaluation import live as sql
from jobs.cli.console import database, out
from jobs.cli.values import MOST_ID

if TYPE_CHECKING:
    from db.evaluation.live import LiveTest

app = typer.Typer()
Collection = Annotated[str, typer.Option("--collection", "-c", help="Whose searches.")]


@app.command()
def live(
    name: Annotated[str, typer.Argument(help="Name of the profile.")],
    collection: Collection,
    share: Annotated[float, typer.Option(help="Part of the visitors, above 0, up to 1.")] = 1.0,
    most: Annotated[
        int, typer.Option(min=10, max=10_000_000, help="Decided answers it may take.")
    ] = 2000,
    policy: Annotated[
        str, typer.Option(help="propose: a person decides in the end; activate: it goes live.")
    ] = "propose",
) -> None:
    """Begin a live test: answers are drafted from a profile and the fusion in use.

    What people open first decides each answer; the test ends by itself when that can hardly be chance.
    It needs `seogo serve`, and clicks: the search page tells them, applications do by POST …/clicks.

    For example:  seogo profiles live words-first -c parts --share 0.5
    """
    call = sql.start_live_test(
        collection=collection, profile=name, share=share, most=most, policy=policy
    )
    with database() as conn:
        test_id = fetch(conn, call)[0].id
    out.print(
        f"live test {test_id} runs; look at it: seogo profiles tests -c {collection}",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )


@app.command("tests")
def list_(
    collection: Annotated[
        str | None, typer.Option("--collection", "-c", help="Only of this one.")
    ] = None,
) -> None:
    """List live tests with their counts; evidence of 20 decides, looked at as often as you like."""
    with database() as conn:
        rows = fetch(conn, sql.live_tests(collection=collection))
    table = Table("#", "collection", "profile", "against", "share", "state", box=SIMPLE)
    for head in ("answers", "won", "lost", "evidence for", "and against"):
        table.add_column(head, justify="right")
    for row in rows:
        table.add_row(*map(escape, _shown(row)))
    out.print(table if rows else "no live tests: begin one with seogo profiles live NAME")


def _shown(row: LiveTest) -> list[str]:
    about = [str(row.test_id), row.collection, row.profile, row.rival or "every leg alike"]
    counts = [str(n) for n in (row.answers, row.wins, row.losses)]
    evidence = [f"{e:.3g}" for e in (row.evidence, row.against)]
    return [*about, f"{row.share:g}", row.state, *counts, *evidence]


@app.command()
def stop(
    test_id: Annotated[
        int, typer.Argument(min=1, max=MOST_ID, help="From `seogo profiles tests`.")
    ],
    collection: Collection,
) -> None:
    """Stop a live test; what is in use stays."""
    with database() as conn:
        if not fetch(conn, sql.stop_live_test(collection=collection, test_id=test_id))[0].done:
            raise UnknownName(
                f"no live test {test_id} of {collection} runs",
                f"seogo profiles tests -c {collection}",
            )
    out.print("stopped; what is in use stays")
