"""`seogo keys`: API keys of the HTTP service."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from db import keys
from db.keys import KeyScope, Token
from db.query import fetch
from jobs.cli.console import database, err, out
from jobs.cli.values import finite
from jobs.errors import JobError

app = typer.Typer(
    no_args_is_help=True,
    help="API keys of the HTTP service. While there are none, it serves only its own machine.",
)

PREFIX_HELP = "What stands between the first two _ of a key; see `seogo keys list`."


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
    token = keys.new_token()
    ends = None if days is None else datetime.now(UTC) + timedelta(days=days)
    with database() as conn:
        fetch(
            conn,
            keys.create_key(
                name=name,
                prefix=token.prefix,
                digest=token.digest,
                scope=scope,
                collections=collection,
                expires_at=ends,
            ),
        )
    _show(token)


@app.command()
def rotate(
    prefix: Annotated[str, typer.Argument(help=PREFIX_HELP)],
    grace_hours: Annotated[
        float,
        typer.Option(
            min=0, max=87_600, callback=finite, help="The old key works on for so many hours."
        ),
    ] = 24,
) -> None:
    """Make a new key with the rights of an old one, which ends after the grace period."""
    token = keys.new_token()
    grace = timedelta(hours=grace_hours)
    with database() as conn:
        fetch(
            conn,
            keys.rotate_key(
                old_prefix=prefix, prefix=token.prefix, digest=token.digest, grace=grace
            ),
        )
    _show(token)


@app.command()
def revoke(prefix: Annotated[str, typer.Argument(help=PREFIX_HELP)]) -> None:
    """End a key. Running services notice within seconds."""
    with database() as conn:
        if not fetch(conn, keys.revoke_key(prefix=prefix))[0].done:
            raise JobError(f"there is no key {prefix} to end", "`seogo keys list` shows them")
    out.print(f"key {prefix} has ended")


@app.command("list")
def list_() -> None:
    """List the keys; their secrets are nowhere."""
    table = Table("prefix", "name", "scope", "collections", "state", "ends", "last used")
    with database() as conn:
        for row in fetch(conn, keys.keys()):
            limited = "all" if row.collections is None else ", ".join(row.collections)
            told = (escape(row.name), row.scope, limited, row.state)
            table.add_row(row.prefix, *told, _day(row.expires_at), _day(row.last_used_at))
    out.print(table)


def _show(token: Token) -> None:
    typer.echo(str(token))
    err.print("Keep it now: it is not shown again. Send it as `Authorization: Bearer KEY`.")


def _day(at: datetime | None) -> str:
    return "" if at is None else f"{at.astimezone():%Y-%m-%d %H:%M}"
