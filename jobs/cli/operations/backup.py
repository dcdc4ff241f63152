"""`seogo backup`: make, list, prove, restore, switch."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import psycopg
import typer
from rich.box import SIMPLE
from rich.filesize import decimal
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from db import connect
from db.calls.query import fetch
from db.errors import SeogoDbError
from db.operations import database_swap, runs
from db.settings import DbSettings, read
from jobs.backup import create as making
from jobs.backup import restore as restoring
from jobs.backup.manifest import chosen, listed
from jobs.backup.settings import BackupSettings
from jobs.backup.store import open_store
from jobs.backup.target import target_of
from jobs.cli.console import database, err, out

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from jobs.backup.store import Store

app = typer.Typer(
    no_args_is_help=True,
    help="Backups that are proven: an archive of pg_dump and a manifest of counts and hashes.\n\n"
    "Where to: SEOGO_BACKUP_TARGET, a folder or s3://bucket/folder. Every night: SEOGO_CRON_BACKUP.\n\n"
    "A drill:  seogo backup create;  seogo backup verify latest",
)

Target = Annotated[
    str | None,
    typer.Option(help="Another place than SEOGO_BACKUP_TARGET.", show_default=False),
]
Shards = Annotated[
    list[str] | None,
    typer.Option(
        "--shard",
        metavar="NAME=URL",
        help="Where a shard is reached from here, if not by its address on the coordinator.",
        show_default=False,
    ),
]
Name = Annotated[str, typer.Argument(help="Its name by `seogo backup list`, or latest.")]


@app.command()
def create(target: Target = None, shard: Shards = None) -> None:
    """Back up the whole database, beside readers and writers; older ones go (SEOGO_BACKUP_KEEP).

    A coordinator's shards are in it, all of one moment; one that does not answer makes the backup fail.
    Roles, their passwords and settings of the server are not in it: they belong to the server.
    """
    settings = read(BackupSettings)
    store = _store(target)
    with database() as conn, _progress() as on_step:
        run_id = fetch(conn, runs.start(kind="backup", args={}))[0].id
        try:
            made = making.create(
                _url(), store, keep=settings.backup_keep, on_step=on_step, shard_urls=_urls(shard)
            )
        except BaseException as exc:
            with suppress(SeogoDbError, psycopg.Error):  # it may be the database that is gone
                fetch(conn, runs.finish(run_id=run_id, state="failed", error=str(exc)))
            raise
        fetch(conn, runs.finish(run_id=run_id, state="done"))
    told = f"{made.name}: {made.items:,} items, {decimal(made.total_bytes)}"
    for part in made.shards:
        told += f"\n  shard {part.shard}: {decimal(part.bytes)}"
    out.print(told, highlight=False)


@app.command("list")
def list_(target: Target = None) -> None:
    """List backups, the newest first, and what is left of unfinished ones."""
    found = listed(_store(target)) if _expected(target) else []
    if not found:
        out.print("no backups yet: `seogo backup create`")
        return
    table = Table(box=SIMPLE)
    for heading in ("backup", "made (UTC)", "size", "items", "state"):
        table.add_column(heading, no_wrap=True)
    for entry in reversed(found):
        about = entry.manifest
        content = ("", "")
        if about is not None:
            content = (f"{about.made_at:%m-%d %H:%M}", f"{about.items:,}")
        state = (entry.trouble or "complete").partition(":")[0]
        table.add_row(entry.name, content[0], decimal(entry.bytes), content[1], state)
    out.print(table)


@app.command()
def verify(name: Name = "latest", target: Target = None) -> None:
    """Restore a backup into a scratch database, compare every table with the manifest, drop it.

    It takes the room and the time of a restore. To prove it on another machine, set SEOGO_DATABASE_URL.
    """
    store = _store(target)
    manifest = chosen(store, name)
    with _progress() as on_step:
        restoring.verify(_url(), store, manifest, on_step=on_step)
    tables = sum(f.kind == "table" for archive in manifest.archives for f in archive.fingerprints)
    out.print(f"{manifest.name}: {tables} tables and {manifest.items:,} items, all equal")


@app.command()
def restore(
    name: Name = "latest",
    switch: Annotated[
        bool, typer.Option("--switch", help="Put it in the place of the database in use.")
    ] = False,
    target: Target = None,
    shard: Shards = None,
) -> None:
    """Restore a backup into a new database, compare it, build its indexes; the one in use stays.

    Shards are restored beside theirs, or where --shard says, and the restored coordinator knows the restored
    ones. With --switch, or by `seogo backup switch` afterwards, it takes the place of the database in use,
    which is kept under another name.
    """
    url = _url()
    store = _store(target)
    manifest = chosen(store, name)
    if switch:
        database_swap.check(url)  # before hours of work
    with _progress() as on_step:
        made = restoring.restore(url, store, manifest, on_step=on_step, shard_urls=_urls(shard))
    out.print(f"{manifest.name}: restored as {made.database}, all equal", highlight=False)
    for name, restored in made.shards.items():
        out.print(f"  shard {name}: restored as {restored} on its server", highlight=False)
    if switch:
        _switched(url, made.database)
        return
    out.print(f"look at it:  {connect.redacted(made.url)}", soft_wrap=True, highlight=False)
    out.print(f"use it:      seogo backup switch {made.database}", highlight=False)


@app.command("switch")
def switch_(
    database: Annotated[str, typer.Argument(help="Name of a restored database, or a kept one.")],
) -> None:
    """Give a restored database the name of the one in use; everybody is sent there when they connect again.

    The one in use is kept; the way back is to switch to it.
    """
    _switched(_url(), database)


def _switched(url: str, new: str) -> None:
    kept = restoring.switch(url, new)
    out.print(f"{new} is in use; the one before is kept as {kept}", highlight=False)
    out.print(f"back:        seogo backup switch {kept}", highlight=False)


def _urls(shards: list[str] | None) -> dict[str, str]:
    """NAME=URL as a mapping; the message does not show a URL, which may hold a password."""
    found = dict(one.partition("=")[::2] for one in shards or [])
    if wrong := sorted(name for name, url in found.items() if "://" not in url):
        raise typer.BadParameter(f"--shard {wrong[0].partition(':')[0]}: write NAME=postgresql://…")
    return found


def _url() -> str:
    return connect.database_url(read(DbSettings))


def _store(target: str | None) -> Store:
    return open_store(target_of(target or read(BackupSettings).backup_target, read(DbSettings)))


def _expected(target: str | None) -> bool:
    """Whether the place must be there: somebody named it, or a backup was made in the usual one."""
    named = target or read(BackupSettings).backup_target
    return named is not None or Path(target_of(None, read(DbSettings))).exists()


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    """Print the current step on standard error, if that is a terminal."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=err, disable=not err.is_terminal) as bar:
        task = bar.add_task("begin", total=None)

        def on_step(what: str, done: int, total: int) -> None:
            share = f" {done:,} of {total:,}" if total else f" {done:,}" if done else ""
            bar.update(task, description=f"{what}{share}")

        yield on_step
