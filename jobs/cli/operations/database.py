"""`seogo db`: the schema, the URL, a psql prompt."""

from __future__ import annotations

import subprocess
from typing import Annotated

import psycopg
import typer
from rich.table import Table

from db import connect, migrate
from db.calls.query import fetch
from db.server import embedded, programs
from db.settings import DbSettings, read
from db.spaces.embedding import coverage
from jobs.cli.console import out, progress
from jobs.cli.operations.doctor import show
from jobs.doctor import database_checks
from jobs.errors import JobError

app = typer.Typer(no_args_is_help=True, help="The database: upgrade, status, URL, psql prompt.")


@app.command()
def upgrade() -> None:
    """Create or upgrade the schema and the search functions. Safe to repeat; one transaction.

    What takes long, such as indexing all items anew, is done before it, beside searches and writers;
    interrupted, it goes on where it was.
    """
    with progress() as bar:
        task = bar.add_task("upgrade", total=None)
        report = migrate.upgrade(
            connect.database_url(read(DbSettings)),
            on_step=lambda what, n: bar.update(task, description=what, advance=n),
        )
    if report.before == report.after and not report.applied:
        out.print(f"up to date at revision {report.after}")
        return
    out.print(
        f"revision {report.before or 'none'} -> {report.after}, {len(report.applied)} SQL files applied"
    )


@app.command()
def check() -> None:
    """Report version, extensions, settings worth changing, encryption and rights, with what to do.

    Ends with 1 where something fails. More than the database: seogo doctor.
    """
    with connect.session(read(DbSettings), vectors=False) as conn:
        show(database_checks(conn))


@app.command()
def status() -> None:
    """Show the server, the schema's state, and how far the vectors are."""
    settings = read(DbSettings)
    url = connect.database_url(settings)
    with connect.session(settings, vectors=False) as conn:
        pending = migrate.pending(conn)
        out.print(f"server    PostgreSQL {conn.info.parameter_status('server_version')}")
        out.print(f"url       {connect.redacted(url)}", soft_wrap=True, highlight=False)
        out.print(f"schema    revision {migrate.current_revision(conn) or 'none'}")
        if pending:
            out.print(f"pending   {', '.join(pending[:5])}{' …' if len(pending) > 5 else ''}")
            out.print("          run `seogo db upgrade`")
            raise typer.Exit(1)
        out.print(_coverage_table(conn))


def _coverage_table(conn: psycopg.Connection) -> Table:
    table = Table()
    for name in ("collection", "space", "gen", "status"):
        table.add_column(name, overflow="fold")
    for name in ("items", "fresh", "stale", "missing", "failed", "no text"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in fetch(conn, coverage()):
        counts = (row.items, row.fresh, row.stale, row.missing, row.failed, row.without_text)
        table.add_row(row.collection, row.space, str(row.generation), row.status, *map(str, counts))
    return table


@app.command()
def url() -> None:
    """Print the URL that psql and any other client accepts. Starts the embedded server if needed."""
    typer.echo(connect.database_url(read(DbSettings)))


@app.command(context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
def psql(
    arguments: Annotated[list[str] | None, typer.Argument(help="Passed on to psql.")] = None,
) -> None:
    """Open psql on the database, e.g. `seogo db psql -c "SELECT * FROM search.collections"`."""
    target = connect.database_url(read(DbSettings))
    program = programs.find("psql", migrate.MIN_SERVER // 10000)
    command = [str(program), connect.redacted(target), *(arguments or [])]
    raise typer.Exit(subprocess.call(command, env=programs.environment(target)))


@app.command()
def stop() -> None:
    """Stop the embedded server. It starts again with the next command that needs it.

    A service, worker or scheduler that runs starts it again within seconds: stop those first.
    """
    settings = read(DbSettings)
    if settings.database_url is not None:
        raise JobError("SEOGO_DATABASE_URL is set: that server is not ours to stop")
    out.print("stopped" if embedded.stop(settings.home_path) else "it was not running")
