"""Upgrade of a database: Alembic revisions, then the changed `sql/` files."""

from __future__ import annotations

import re
import time
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple

import psycopg
from psycopg import sql
from psycopg.errors import LockNotAvailable

from db import ahead, renewal
from db.connect import open_connection
from db.errors import SeogoDbError
from db.sqlfiles import SqlFile, repeatable, statements

if TYPE_CHECKING:
    from collections.abc import Callable

    from alembic.config import Config

# Any constant will do, as long as nobody else on the server uses it: "seogo" in ASCII.
LOCK_KEY = 0x7365_6F67_6F
MIN_SERVER = 160000
# Whoever waits for a table that somebody reads makes all others wait behind: rather give up soon, and
# begin anew.
LOCK_WAIT = "3s"
LOCK_PAUSE_S = 2.0
LOCK_ATTEMPTS = 100
REVISION = re.compile(r"(\d{4})_(?:pre|post)_\w+\.py")


class UpgradeReport(NamedTuple):
    """The result of an upgrade: revisions before and after, and the applied files."""

    before: str | None
    after: str
    applied: list[str]


def _silent(_step: str, _items: int) -> None:
    """Tell nobody."""


def upgrade(
    url: str, revision: str = "head", *, on_step: Callable[[str, int], None] = _silent
) -> UpgradeReport:
    """Upgrade the schema to `revision`, and the functions to this program's, in one transaction.

    Safe to call from many processes at once (advisory lock) and again (a no-op). It waits for a
    backup to end, and nobody waits longer than some seconds behind it for a table.

    Args:
        url: libpq URL of a role that may create schemas and extensions.
        revision: Alembic revision to stop at; functions are applied only at "head".
        on_step: gets what takes long and how many items it took on.

    Raises:
        ServerUnreachable: nothing answers under the URL.
        SeogoDbError: the server is older than PostgreSQL 16, or a statement failed.
    """
    if revision == "head" and (at := _up_to_date(url)) is not None:
        _build_behind(url, on_step)
        return UpgradeReport(at, at, [])
    from sqlalchemy.exc import DBAPIError

    if revision == "head":
        _build_ahead(url, on_step)
    for attempt in range(LOCK_ATTEMPTS):
        with _connect(url) as conn:
            try:
                report = _upgrade(conn, revision)
                break
            except (psycopg.Error, DBAPIError, SeogoDbError) as exc:
                last = attempt == LOCK_ATTEMPTS - 1
                if last or not isinstance(_reason(exc), LockNotAvailable):
                    if isinstance(exc, SeogoDbError):
                        raise
                    raise SeogoDbError(f"the upgrade failed: {_reason(exc)}") from exc
        time.sleep(LOCK_PAUSE_S)
    if revision == "head":
        _build_behind(url, on_step)
    return report


def _build_ahead(url: str, on_step: Callable[[str, int], None]) -> None:
    """Do what need not wait for the upgrade's transaction, see `db.ahead`."""
    with _connect(url) as conn:
        conn.autocommit = True
        if current_revision(conn) != ahead.FROM_REVISION:
            return
        conn.execute("SELECT pg_advisory_lock(%s)", (LOCK_KEY,))  # until the connection ends
        if current_revision(conn) == ahead.FROM_REVISION:
            schema = _vector_schema(conn)
            conn.execute(
                "SELECT set_config('search_path', %s, false)", (f"pg_catalog, {schema}, pg_temp",)
            )
            try:
                ahead.build(conn, _files(conn), on_step)
            except psycopg.Error as exc:
                raise SeogoDbError(f"the upgrade failed: {exc}") from exc


def _build_behind(url: str, on_step: Callable[[str, int], None]) -> None:
    """Do what may follow the upgrade's transaction, see `db.renewal`."""
    with _connect(url) as conn:
        conn.autocommit = True
        if renewal.waiting(conn):
            conn.execute("SELECT pg_advisory_lock(%s)", (LOCK_KEY,))  # until the connection ends
            for index in renewal.waiting(conn):
                renewal.build(conn, index, on_step)


def _up_to_date(url: str) -> str | None:
    """The revision of a database that is up to date, else None; without Alembic, which loads slowly."""
    with _connect(url) as conn:
        try:
            return None if pending(conn) else current_revision(conn)
        except psycopg.Error:  # no schema of ours; the upgrade itself says what is wrong
            return None


def _reason(exc: Exception) -> BaseException | None:
    """The server's error behind an exception of any layer."""
    from sqlalchemy.exc import DBAPIError

    if isinstance(exc, DBAPIError):
        return exc.orig
    return exc.__cause__ if isinstance(exc, SeogoDbError) else exc


def _upgrade(conn: psycopg.Connection[Any], revision: str) -> UpgradeReport:
    # SQLAlchemy owns the transaction, because Alembic speaks through it; our own statements go
    # through the same psycopg connection underneath.
    from alembic import command
    from sqlalchemy import create_engine
    from sqlalchemy.pool import NullPool

    engine = create_engine("postgresql+psycopg://", creator=lambda: conn, poolclass=NullPool)
    with engine.begin() as connection:
        conn.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK_KEY,))
        conn.execute("SELECT set_config('lock_timeout', %s, true)", (LOCK_WAIT,))
        before = current_revision(conn)
        if before is not None and before not in revisions():
            raise SeogoDbError(
                f"the schema (revision {before}) is not one that this program knows",
                "use the newer Seogo that made it, or another database",
            )
        conn.execute("CREATE EXTENSION IF NOT EXISTS vector SCHEMA public")
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        applied = _apply_changed(conn) if revision == "head" else []
        after = current_revision(conn)
    assert after is not None
    return UpgradeReport(before, after, applied)


def see_vectors(conn: psycopg.Connection[Any]) -> None:
    """Set the search path to PostgreSQL's own schema and pgvector's, until the transaction ends.

    Revisions up to 0013 write `halfvec` without a schema, and one of them resets the path.
    """
    conn.execute(
        "SELECT set_config('search_path', %s, true)",
        (f"pg_catalog, {_vector_schema(conn)}, pg_temp",),
    )


def _vector_schema(conn: psycopg.Connection[Any]) -> str:
    """The schema of pgvector, as SQL writes it.

    Raises:
        SeogoDbError: there is no pgvector, or its schema has a name that functions cannot carry.
    """
    row = conn.execute(statements("upgrade")["vector_schema"]).fetchone()
    if row is None:
        raise SeogoDbError("the database has no pgvector", "run `seogo db upgrade`")
    if any(sign in row[0] for sign in "'\"$%\\"):
        raise SeogoDbError(
            f"pgvector is in the schema {row[0]}, a name that cannot be written into functions",
            "ALTER EXTENSION vector SET SCHEMA extensions (make that schema first)",
        )
    return sql.Identifier(row[0]).as_string(conn)


def current_revision(conn: psycopg.Connection[Any]) -> str | None:
    """The revision the database is at; None before the first upgrade."""
    if conn.execute("SELECT to_regclass('public.alembic_version')").fetchone() == (None,):
        return None
    row = conn.execute("SELECT version_num FROM public.alembic_version").fetchone()
    return None if row is None else str(row[0])


def head_revision() -> str:
    """The newest revision of this program."""
    return revisions()[-1]


def revisions() -> list[str]:
    """All revisions, oldest first."""
    names = [file.name for file in (files("migrations") / "versions").iterdir()]
    return sorted(found[1] for name in names if (found := REVISION.fullmatch(name)))


def pending(conn: psycopg.Connection[Any]) -> list[str]:
    """List in words what an upgrade would do; empty when the database is up to date."""
    at = current_revision(conn)
    if at is None:
        return ["the schema does not exist yet"]
    todo = [] if at == head_revision() else [f"revision {at} -> {head_revision()}"]
    return todo + [f"sql/{f.path}" for f in changed(conn)]


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(files("migrations")))
    return config


def _connect(url: str) -> psycopg.Connection[Any]:
    conn = open_connection(url, application_name="seogo-upgrade")
    if conn.info.server_version < MIN_SERVER:
        conn.close()
        raise SeogoDbError(
            f"PostgreSQL {conn.info.server_version // 10000} is too old",
            "Seogo needs PostgreSQL 16 or newer with pgvector 0.8 or newer",
        )
    return conn


def changed(conn: psycopg.Connection[Any]) -> list[SqlFile]:
    """Files whose text differs from what was applied, or whose object has been dropped since."""
    known = dict(conn.execute(statements("upgrade")["applied"]).fetchall())
    return [f for f in _files(conn) if known.get(f.path) != f.sha256]


def _files(conn: psycopg.Connection[Any]) -> list[SqlFile]:
    """All files as this database needs them: changed also where pgvector has moved."""
    schema = _vector_schema(conn)
    return [file.with_vector_schema(schema) for file in repeatable()]


def _apply_changed(conn: psycopg.Connection[Any]) -> list[str]:
    conn.execute("SELECT set_config('search_path', 'pg_catalog, pg_temp', true)")
    todo = changed(conn)
    if not todo:
        return []
    # Twice: unchecked first, because functions may name ones that come later; then checked.
    conn.execute("SET LOCAL check_function_bodies = off")
    for file in todo:
        _apply(conn, file)
    conn.execute("SET LOCAL check_function_bodies = on")
    for file in todo:
        _apply(conn, file)
        conn.execute(
            statements("upgrade")["record"],
            (file.path, file.object_name, _kind(file), file.sha256),
        )
    # Scripts (grants and the like) act on what the other files define, so they follow every change.
    every = _files(conn)
    for file in every:
        if _kind(file) == "script" and file not in todo:
            _apply(conn, file)
    paths = [f.path for f in every]
    conn.execute("DELETE FROM ops.sql_object WHERE NOT path = ANY(%s)", (paths,))
    return [f.path for f in todo]


def _kind(file: SqlFile) -> str:
    return "object" if "." in file.object_name else "script"


def _apply(conn: psycopg.Connection[Any], file: SqlFile) -> None:
    try:
        conn.execute(file.text, prepare=False)
    except psycopg.Error as exc:
        raise SeogoDbError(f"sql/{file.path}: {exc}") from exc
