"""Swap of two databases by renaming, after all preconditions were checked."""

from __future__ import annotations

import shlex
from contextlib import suppress
from typing import Any

import msgspec
import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from db import connect, migrate
from db.calls.call import statement
from db.calls.query import fetch
from db.errors import SeogoDbError, ServerUnreachable
from db.sqlfiles import statements

# Somebody may connect between the moment all were sent away and the renaming.
ATTEMPTS = 20


class Renamable(msgspec.Struct, frozen=True):
    """Preconditions of renaming a database; the last two count what prevents it."""

    name: str
    there: bool
    open: bool
    owned: bool
    may_create: bool
    prepared: int
    out_of_reach: int

    def trouble(self) -> str | None:
        """The reason why it cannot be renamed; None where it can."""
        if not self.there:
            return "there is no such database"
        if not self.open:
            return "it takes no connections"
        if not self.owned:
            return "it belongs to another role"
        if not self.may_create:
            return "this role may not rename databases"
        if self.prepared:
            return f"{self.prepared} prepared transactions hold it"
        if self.out_of_reach:
            return f"{self.out_of_reach} sessions of other roles cannot be sent away by this one"
        return None


_renamable = statement("backups", "renamable", Renamable)


def database_of(url: str) -> str:
    """The name of the database under a URL, which the URL itself may leave to the server."""
    with connect.open_connection(url) as conn:
        return conn.info.dbname


def check(url: str, new: str | None = None) -> None:
    """Check that a database can take the place of the one under `url`.

    Sessions are not disturbed.

    Args:
        url: of the database in use.
        new: the one that is to take its place; None: only whether the one in use could be renamed.

    Raises:
        SeogoDbError: it could not, and why.
    """
    live = database_of(url)
    if new == live:
        raise SeogoDbError(f"{new} is the database in use", "other ones: `psql --list`")
    names = [live] if new is None else [live, new]
    with _beside(url, names) as conn:
        for row in fetch(conn, _renamable(names=names)):
            if (trouble := row.trouble()) is not None:
                raise SeogoDbError(
                    f"cannot rename the database {row.name}: {trouble}; nothing was changed",
                    "the role must own both databases and have CREATEDB; or point SEOGO_DATABASE_URL"
                    " at the other database instead",
                )
    if new is not None:
        _check_schema(make_conninfo(url, dbname=new), new)


def switch(url: str, new: str, kept_as: str) -> None:
    """Give the database `new` the name of the one under `url`, which is kept under another.

    Everything is checked first (`check`). Both are renamed in one transaction; sessions of both
    are ended.

    Args:
        url: of the database in use; its role must own both databases and have CREATEDB.
        new: name of the database that is to take its place.
        kept_as: name that the one in use gets.

    Raises:
        SeogoDbError: it cannot be done; nothing is renamed then.
    """
    check(url, new)
    live = database_of(url)
    for attempt in range(ATTEMPTS):
        try:
            with _beside(url, [live, new]) as conn:
                conn.execute(statements("backups")["send_away"], {"names": [live, new]})
                with conn.transaction():
                    _rename(conn, live, kept_as)
                    _rename(conn, new, live)
            return
        except psycopg.errors.ObjectInUse as exc:
            if attempt == ATTEMPTS - 1:
                raise SeogoDbError(f"others keep connecting to {live}: {exc}") from exc
        except psycopg.Error as exc:
            raise SeogoDbError(
                f"cannot rename {live} and {new}: {exc.diag.message_primary}",
                f"point SEOGO_DATABASE_URL at the database {new} instead",
            ) from exc


def _beside(url: str, names: list[str]) -> psycopg.Connection[Any]:
    """Connect to another database than these: a session cannot rename its own."""
    beside = [name for name in ("postgres", "template1") if name not in names]
    for name in beside[:-1]:
        with suppress(ServerUnreachable):
            return connect.open_connection(make_conninfo(url, dbname=name), autocommit=True)
    return connect.open_connection(make_conninfo(url, dbname=beside[-1]), autocommit=True)


def _check_schema(url: str, name: str) -> None:
    with connect.open_connection(url, application_name="seogo-backup", autocommit=True) as conn:
        try:
            pending = migrate.pending(conn) if migrate.current_revision(conn) else None
        except psycopg.Error:
            pending = None
    if pending is None:
        raise SeogoDbError(
            f"the database {name} has no Seogo schema; nothing was changed",
            "switch to one that `seogo backup restore` made, or that an earlier switch kept",
        )
    if pending:
        raise SeogoDbError(
            f"the schema of {name} is not this program's ({pending[0]}); nothing was changed",
            f"first: SEOGO_DATABASE_URL={shlex.quote(connect.redacted(url))} seogo db upgrade",
        )


def _rename(conn: psycopg.Connection[Any], old: str, new: str) -> None:
    conn.execute(
        sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(old), sql.Identifier(new))
    )
