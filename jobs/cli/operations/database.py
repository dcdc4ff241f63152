"""`seogo db`: the schema, the URL, a psql prompt."""

from __future__ import annotations

import subprocess
from typing import Annotated

import psycopg
import typer
from rich.box import SIMPLE
from rich.markup import escape
from rich.table import Table

from db import connect, migrate
from db import plan as planning
from db.calls.query import fetch
from db.server import embedded, programs
from db.settings import DbSettings, read
from db.spaces.embedding import coverage
from jobs.cli.console import out, progress
from jobs.cli.operations.doctor import show
from jobs.doctor import database_checks
from jobs.errors import JobError

SHOWN_LETTERS = 90

app = typer.Typer(no_args_is_help=True, help="The database: upgrade, status, URL, psql prompt.")


@app.command()
def upgrade(
    only_plan: Annotated[
        bool,
        typer.Option(
            "--plan",
            help="Change nothing: show statements, the locks they take, and about how long.",
        ),
    ] = False,
) -> None:
    """Create or upgrade the schema and the search functions. Safe to repeat; one transaction.

    What takes long, such as indexing all items anew, is done before it, beside searches and writers;
    interrupted, it goes on where it was.

    Before an upgrade of a database that others use:  seogo db upgrade --plan
    """
    if only_plan:
        _show_plan()
        return
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


def _show_plan() -> None:
    with progress() as bar:
        task = bar.add_task("plan", total=None)
        found = planning.plan(
            connect.database_url(read(DbSettings)), lambda what: bar.update(task, description=what)
        )
    if found.before is None:
        out.print("there is no schema yet: nobody waits for its making")
        return
    if found.before == found.after and not found.files:
        out.print(f"up to date at revision {found.after}: nothing to do")
        return
    out.print(f"revision {found.before} -> {found.after}, as one transaction", highlight=False)
    _show_steps(found)
    for one in found.in_the_way:
        out.print(
            f"[yellow]in the way now[/]: process {one.pid} ({one.program}), in a transaction for"
            f" {one.seconds:,.0f} s; the upgrade gives way after {migrate.LOCK_WAIT} and tries again",
            highlight=False,
        )
    out.print("nothing was changed. Next: seogo backup create; seogo db upgrade", highlight=False)


def _show_steps(found: planning.UpgradePlan) -> None:
    telling = [one for one in found.steps if one.locks or one.work or one.seconds is None]
    if telling:
        out.print(_plan_table(telling))
    if quiet := len(found.steps) - len(telling):
        out.print(f"{quiet} statements more lock nothing that is there now, and take no time")
    known = f"about {found.seconds:,.1f} s" + (
        " and what is not known above" if any(one.seconds is None for one in found.steps) else ""
    )
    out.print(f"locks are held to the end of the transaction: {known}", highlight=False)
    out.print(f"{len(found.files)} SQL files: functions and views made anew, some seconds")
    items, seconds = found.renewed
    if items:
        out.print(
            f"behind it, beside searches and writes: {items:,} items analysed anew, about"
            f" {seconds / 60:,.0f} min",
            highlight=False,
        )


def _plan_table(steps: list[planning.PlanStep]) -> Table:
    table = Table("revision", "statement", "lock", "work", "about", box=SIMPLE)
    for one in steps:
        locks = [f"{name}: {planning.BLOCKING[mode]}" for name, mode in one.locks.items()]
        about = "not known" if one.seconds is None else f"{one.seconds:,.1f} s"
        text = " ".join(one.statement.split())
        shown = text if len(text) <= SHOWN_LETTERS else f"{text[:SHOWN_LETTERS]} …"
        cells = (one.revision, shown, "\n".join(locks) or "–", "\n".join(one.work) or "–", about)
        table.add_row(*map(escape, cells))
    return table


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
