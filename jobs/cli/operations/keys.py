"""`seogo keys`: API keys of the HTTP service."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from db.calls.query import fetch
from db.operations import keys
from db.operations.keys import KeyScope, Token
from jobs.cli.console import database, err, out
from jobs.cli.values import finite
from jobs.errors import JobError

if TYPE_CHECKING:
    import psycopg

app = typer.Typer(
    no_args_is_help=True,
    help="API keys of the HTTP service. While there are none, it serves only its own machine.",
)

WHICH_HELP = "Its name, or its prefix by `seogo keys list` (between the first two _ of the key)."
USABLE = ("valid", "replaced")


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="Whose key it is, for people.")],
    scope: Annotated[
        KeyScope, typer.Option(help="reader searches; writer also writes items; admin does all.")
    ] = "reader",
    collection: Annotated[
        list[str] | None,
        typer.Option("--collection", "-c", help="Only this one is seen; repeatable. Default: all."),
    ] = None,
    days: Annotated[
        int | None,
        typer.Option(min=1, max=36_500, help="It ends after so many days. Default: never."),
    ] = None,
) -> None:
    """Make a key. It is shown once: the database keeps only a hash of it."""
    token, write = keys.new_key(name=name, scope=scope, collections=collection, days=days)
    with database() as conn:
        fetch(conn, write)
    _show(token)


@app.command()
def rotate(
    key: Annotated[str, typer.Argument(help=WHICH_HELP)],
    grace_hours: Annotated[
        float,
        typer.Option(
            min=0, max=87_600, callback=finite, help="The old key works on for so many hours."
        ),
    ] = 24,
) -> None:
    """Make a new key with the rights of an old one, which ends after the grace period."""
    with database() as conn:
        token, write = keys.replaced_key(prefix=_prefix(conn, key), grace_hours=grace_hours)
        fetch(conn, write)
    _show(token)


@app.command()
def revoke(key: Annotated[str, typer.Argument(help=WHICH_HELP)]) -> None:
    """End a key. Running services notice within seconds.

    Ending the last one does not open the service again: every request is refused then.
    """
    with database() as conn:
        prefix = _prefix(conn, key)
        if not fetch(conn, keys.revoke_key(prefix=prefix))[0].done:
            raise JobError(f"key {prefix} has ended before", "`seogo keys list` shows them")
        left = [row for row in fetch(conn, keys.keys()) if row.state in USABLE]
    out.print(f"key {prefix} has ended")
    if not left:
        err.print("no key is left: the service refuses every request until `seogo keys create`")


@app.command("list")
def list_() -> None:
    """List the keys; their secrets are not stored."""
    table = Table("prefix", "name", "scope", "collections", "state", "ends", "last used")
    with database() as conn:
        for row in fetch(conn, keys.keys()):
            limited = "all" if row.collections is None else ", ".join(row.collections)
            told = (escape(row.name), row.scope, limited, row.state)
            table.add_row(row.prefix, *told, _day(row.expires_at), _day(row.last_used_at))
    out.print(table)


def _prefix(conn: psycopg.Connection[Any], given: str) -> str:
    """The prefix of the key that is meant by its prefix, its name, or by itself.

    Raises:
        JobError: there is none, or several have the name.
    """
    token = keys.parse_token(given)
    rows = fetch(conn, keys.keys())
    wanted = given if token is None else token.prefix
    if any(row.prefix == wanted for row in rows):
        return wanted
    found = [row.prefix for row in rows if row.name == given and row.state in USABLE]
    if len(found) > 1:
        several = ", ".join(found)
        raise JobError(
            f"{len(found)} keys are named {given}", f"say which by its prefix: {several}"
        )
    if not found:
        raise JobError(
            f"there is no key {wanted} to end or to replace",
            "its name or its prefix is wanted; `seogo keys list` shows both",
        )
    return found[0]


def _show(token: Token) -> None:
    typer.echo(str(token))
    err.print("Keep it now: it is not shown again. Send it as `Authorization: Bearer KEY`.")


def _day(at: datetime | None) -> str:
    return "" if at is None else f"{at.astimezone():%Y-%m-%d %H:%M}"
