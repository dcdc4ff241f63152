"""Backups of a database: description, fingerprints, snapshot, copy."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec
import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from db import connect, migrate
from db.calls.call import function, statement
from db.calls.query import fetch
from db.calls.rows import NameRow
from db.errors import SeogoDbError, translated
from db.sqlfiles import statements

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# Each takes two seconds at most.
HOLD_TRIES = 10


class Fingerprint(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `ops.fingerprints`: `kind` is table, collection or schema."""

    kind: str
    name: str
    n: int
    hash: str


class Server(msgspec.Struct, frozen=True, kw_only=True):
    """Versions and size of a database; size in bytes."""

    database: str
    postgresql: str
    postgresql_major: int
    pgvector: str
    size: int


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """The moment of a snapshot: the server's clock, and its place in the log of changes (WAL)."""

    taken_at: datetime
    lsn: str


class ShardAddress(msgspec.Struct, frozen=True, kw_only=True):
    """An address of a shard as options of libpq, the password among them."""

    shard: str
    options: dict[str, str]

    @property
    def url(self) -> str:
        """As libpq takes it."""
        return make_conninfo(**self.options)


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """A connection that holds a snapshot; `name` makes pg_dump see the same data."""

    conn: Any
    name: str
    point: Point


class SpaceInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A generation of an embedding space, as backups describe it."""

    space: str
    generation: int
    status: str
    encoder: str
    identity: str
    dim: int


class IndexBuild(msgspec.Struct, frozen=True, kw_only=True):
    """A row of pg_stat_progress_create_index; `done` and `total` are 0 where the phase does not count."""

    index: str
    phase: str
    done: int
    total: int


# What a copy must agree with.
fingerprints = function("ops.fingerprints", Fingerprint)
# The database of the connection.
server = statement("backups", "server", Server)
# All generations of all embedding spaces.
spaces = statement("backups", "spaces", SpaceInfo)
# The moment of the transaction's snapshot.
_point = statement("backups", "point", Point)
# Shards of a coordinator; the options are there for who may see them: the owner.
shard_addresses = function("ops.shard_addresses", ShardAddress)
# Indexes that are being built in the database of the connection.
index_builds = statement("backups", "index_builds", IndexBuild)
# Roles that grants in the database name, but for the owners of objects.
granted_roles = statement("backups", "granted_roles", NameRow)
# Those of the names that no role of the server has; ours are made where they are missing.
missing_roles = statement("backups", "missing_roles", NameRow)


@contextmanager
def snapshot(url: str) -> Iterator[Snapshot]:
    """Open a connection with an exported snapshot.

    While it is open no upgrade begins, so that the copy has the schema of the snapshot.

    Raises:
        SchemaOutdated: the database is not this program's revision.
    """
    with (
        translated(),
        connect.open_connection(url, application_name="seogo-backup", autocommit=True) as conn,
    ):
        _without_timeouts(conn)
        conn.execute("SELECT pg_advisory_lock_shared(%s)", (migrate.LOCK_KEY,))
        with conn.transaction():
            conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            row = conn.execute("SELECT pg_export_snapshot()").fetchone()
            assert row is not None
            yield Snapshot(conn=conn, name=str(row[0]), point=fetch(conn, _point())[0])


@contextmanager
def snapshots(urls: Sequence[str]) -> Iterator[list[Snapshot]]:
    """Open snapshots of several databases that are of one moment.

    Writers of items and of the places of parts wait, on all of them, until each has its snapshot: some
    milliseconds. One database alone has nobody wait.

    Raises:
        ServerUnreachable: one does not answer.
        SeogoDbError: some transaction goes on writing, so that there is no moment at which nobody does.
    """
    with ExitStack() as stack:
        with ExitStack() as still:
            if len(urls) > 1:
                _hold_writers(urls, still)
            found = [stack.enter_context(snapshot(url)) for url in urls]
        yield found


def _hold_writers(urls: Sequence[str], stack: ExitStack) -> None:
    """Lock writers out of all databases at once, or of none."""
    conns = [stack.enter_context(connect.open_connection(url, autocommit=True)) for url in urls]
    for attempt in range(HOLD_TRIES):
        try:
            with translated():
                for conn in conns:
                    conn.execute("BEGIN")
                    conn.execute("SET LOCAL lock_timeout = '2s'")
                    conn.execute(
                        "LOCK TABLE core.item, core.shard_home, core.shard_slots IN SHARE MODE"
                    )
            return
        except psycopg.errors.LockNotAvailable as exc:
            # A writer that has one shard and waits for another, which we have: let it end.
            for conn in conns:
                conn.rollback()
            if attempt == HOLD_TRIES - 1:
                raise SeogoDbError(
                    "a transaction goes on writing items: there is no moment to back up all shards of",
                    "end it (pg_stat_activity on each server shows it), and call it again",
                ) from exc


def _without_timeouts(conn: psycopg.Connection[Any]) -> None:
    # The connection waits, idle in its transaction, for as long as pg_dump takes.
    names = ["statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"]
    if conn.info.server_version >= 170000:
        names.append("transaction_timeout")
    for name in names:
        conn.execute("SELECT set_config(%s, '0', false)", (name,))


def prepare_server(url: str) -> None:
    """Create the roles that grants in a copy name, where the server lacks them."""
    with connect.open_connection(url, autocommit=True) as conn:
        conn.execute(statements("backups")["roles"])


def create(url: str, name: str) -> str:
    """Create an empty database with the sort order of the one under `url`; returns its URL.

    Raises:
        SeogoDbError: the role may not, or there is one of that name.
    """
    with connect.open_connection(url, autocommit=True) as conn:
        row = conn.execute(statements("backups")["create_statement"], {"name": name}).fetchone()
        assert row is not None
        try:
            conn.execute(row[0].encode())
        except psycopg.Error as exc:
            raise SeogoDbError(
                f"cannot create the database {name}: {exc.diag.message_primary}",
                "the role needs CREATEDB: `ALTER ROLE … CREATEDB`",
            ) from exc
    return make_conninfo(url, dbname=name)


def drop(url: str, name: str) -> None:
    """Drop a database, whoever is connected to it."""
    with connect.open_connection(url, autocommit=True) as conn:
        conn.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        )


def differences(
    expected: list[Fingerprint], actual: list[Fingerprint], *, spelling: bool = True
) -> list[str]:
    """List the differences of two fingerprints in words; empty where everything is equal.

    Args:
        expected: of the original.
        actual: of the copy.
        spelling: compare the text of definitions too; False between major versions of PostgreSQL,
            which may spell the same view differently.
    """
    there = {(f.kind, f.name): f for f in actual}
    found = []
    for want in expected:
        have = there.pop((want.kind, want.name), None)
        if have is None:
            found.append(f"{want.kind} {want.name} is missing")
        elif have.n != want.n:
            found.append(f"{want.kind} {want.name}: {have.n:,} instead of {want.n:,}")
        elif have.hash != want.hash and (spelling or want.kind != "schema"):
            found.append(f"{want.kind} {want.name}: as many, but not the same")
    return found + [f"{kind} {name} should not be there" for kind, name in there]


def read_fingerprints(url: str) -> list[Fingerprint]:
    """Fetch the fingerprints of the database under a URL."""
    with connect.open_connection(url, application_name="seogo-backup", autocommit=True) as conn:
        _without_timeouts(conn)
        return fetch(conn, fingerprints())
