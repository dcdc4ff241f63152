"""`seogo shard`: databases over which collections are spread."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.box import SIMPLE
from rich.markup import escape
from rich.table import Table

from db.calls.query import fetch
from db.operations import moves, shards
from jobs.cli.console import database, err, out, progress
from jobs.shards import move as moving

app = typer.Typer(
    no_args_is_help=True,
    help="Shards: databases of Seogo over which one collection is spread, this one being their"
    " coordinator.\n\n"
    "`seogo db upgrade` on each database first, with one version. Then here: `seogo shard add a URL` each,"
    " `seogo collection create parts --shards a,b,c`, and ingest and search as ever. What answers how, and"
    " what fails how: docs/shards.md.",
)
Name = Annotated[str, typer.Argument(help="The shard: lower-case letters, digits, - and _.")]
HERE = "here"  # this database, as the source of a move
Collection = Annotated[str, typer.Argument(help="A collection over shards.")]


@app.command()
def add(
    name: Name,
    url: Annotated[
        str | None,
        typer.Argument(
            envvar="SEOGO_SHARD_URL",
            help="postgresql://user:password@host/database; better in SEOGO_SHARD_URL, where other users"
            " of the machine do not see it.",
            show_envvar=False,
        ),
    ] = None,
) -> None:
    """Make a database a shard, or give a shard that is known a new address or password.

    The user must own Seogo's tables there. The password is kept in a user mapping of PostgreSQL alone.
    """
    if url is None:
        raise typer.BadParameter("give URL, or set SEOGO_SHARD_URL")
    with database() as conn:
        number = fetch(conn, shards.add_shard(name=name, url=url))[0].number
    out.print(f"shard {name}: ids of its items begin at {number:,} × 10¹²")


@app.command("list")
def list_() -> None:
    """List the shards: where each is, and the collections on it."""
    table = Table("shard", "number", "address", "collections", box=SIMPLE)
    with database() as conn:
        under_way = fetch(conn, moves.shard_moves())
        for one in fetch(conn, shards.shards()):
            cells = (one.shard, str(one.number), one.address or "?", ", ".join(one.collections))
            table.add_row(*map(escape, cells))
    if table.row_count:
        out.print(table)
    else:
        out.print("no shards: `seogo shard add --help`")
    for move_ in under_way:
        told = f"{move_.collection} is being moved from {move_.shard} to {move_.target}"
        out.print(f"{told} since {move_.started_at:%Y-%m-%d %H:%M}", highlight=False)


@app.command()
def move(
    collection: Collection,
    shard: Annotated[
        str,
        typer.Argument(
            help="The shard that has the part now; here: all of a collection that has no shards yet."
        ),
    ],
    targets: Annotated[
        list[str] | None,
        typer.Argument(
            help="Shards that have nothing of the collection. Several: each gets an equal share of the part."
            " Or one that has a part, which this one joins."
        ),
    ] = None,
    cancel: Annotated[
        bool, typer.Option("--cancel", help="Give up a move that is not switched yet.")
    ] = False,
) -> None:
    """Move what a shard has of a collection to one or several others, while it is searched and written.

    Items go with their ids and vectors; nothing is encoded anew. At the end writes to the part are refused
    (send again) while everything is compared; then the new shards are asked in one switch, and the old place
    is kept until `seogo shard drop`. Stopped at any point, the same command goes on.

    For example, a grown shard into two, and its old place freed:

    seogo shard move parts a c d;  seogo shard doctor;  seogo shard drop parts a

    Two parts made one: seogo shard move parts c d

    A collection that this database has outgrown, to two shards: seogo shard move parts here a b
    (its items keep their ids, and are deleted here before writes to it go on)
    """
    if cancel:
        with database() as conn:
            fetch(conn, moves.cancel_move(collection=collection, shard=shard))
        out.print(f"{collection} stays on {shard}; the copies are deleted")
        return
    if not targets:
        raise typer.BadParameter("name the shards to move to: `seogo shard list`")
    with database() as conn, progress() as bar:
        task = bar.add_task("move", total=None)
        done = moving.move(
            conn,
            collection,
            shard,
            targets,
            lambda what, n, of: bar.update(task, description=what, completed=n, total=of or None),
        )
    told = f"{collection}: {done.items:,} items moved from {shard} to {', '.join(targets)}"
    out.print(f"{told}; writes were refused for {done.closed_s:.1f} s", highlight=False)
    if done.queued:
        out.print(
            f"{done.queued:,} vectors are to be encoded there: run its workers", highlight=False
        )
    if shard != HERE:
        out.print(f"the old place is kept: seogo shard drop {collection} {shard}", highlight=False)


@app.command()
def drop(collection: Collection, shard: Name) -> None:
    """Delete what a move has left of a collection on the shard that had it before."""
    with database() as conn:
        n = fetch(conn, moves.drop_moved(collection=collection, shard=shard))[0].n
    out.print(f"{collection}: the copy of {n:,} items on {shard} is deleted", highlight=False)


@app.command()
def remove(name: Name) -> None:
    """Forget a shard that no collection uses; the database itself stays as it is."""
    with database() as conn:
        fetch(conn, shards.remove_shard(name=name))
    out.print(f"shard {name} forgotten")


@app.command()
def coverage() -> None:
    """Show the vectors of sharded collections per shard, and what failed; each shard's workers encode."""
    with database() as conn:
        rows = fetch(conn, shards.shard_coverage())
        failures = fetch(conn, shards.shard_failed())
    names = ("items", "fresh", "stale", "missing", "failed")
    table = Table("collection", "space", "shard", *names, box=SIMPLE)
    for row in rows:
        counts = (f"{getattr(row, name):,}" for name in names)
        table.add_row(row.collection, f"{row.space}@{row.generation}", row.shard, *counts)
    out.print(table if rows else "no vectors are wanted on shards")
    for one in failures:
        told = f"{one.shard}: {one.kind} of {one.external_id}: {one.error}"
        err.print(told, markup=False, highlight=False, soft_wrap=True)


@app.command()
def doctor() -> None:
    """Check that all shards answer, and count and score as this coordinator does; ends with 1 if not."""
    with database() as conn:
        checks = fetch(conn, shards.shard_checks())
    table = Table("shard", "check", "", "", box=SIMPLE)
    for one in checks:
        mark = "[green]ok[/]" if one.ok else "[red]wrong[/]"
        table.add_row(escape(one.shard), one.item, mark, escape(one.detail or ""))
    out.print(table if checks else "no shards: `seogo shard add --help`")
    if wrong := sum(not one.ok for one in checks):
        err.print(f"{wrong} of {len(checks)} checks failed")
        raise typer.Exit(1)


@app.command()
def state() -> None:
    """Show each shard: whether it answers, its items, their vectors, its size and its workers."""
    columns = ("items", "fresh", "waiting", "failed", "MB", "workers", "ms")
    table = Table("shard", "answers", *columns, box=SIMPLE)
    with database() as conn:
        rows = fetch(conn, shards.shard_states())
    for one in rows:
        megabytes = None if one.bytes is None else one.bytes // 1_000_000
        ms = None if one.ms is None else round(one.ms)
        numbers = (one.items, one.fresh, one.waiting, one.failed, megabytes, one.workers, ms)
        told = "yes" if one.answers else f"[red]no[/]: {escape(one.trouble or '')}"
        table.add_row(escape(one.shard), told, *("?" if n is None else f"{n:,}" for n in numbers))
    out.print(table if rows else "no shards: `seogo shard add --help`")
