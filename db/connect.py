"""Connections to PostgreSQL: sync for jobs, an async pool for the service."""

from __future__ import annotations

import selectors
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from pgvector.psycopg import register_vector
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.types.json import Jsonb, set_json_loads
from psycopg_pool import AsyncConnectionPool

from db.errors import BadSettings, SchemaOutdated, ServerUnreachable
from db.server import embedded
from db.sqlfiles import statements
from inputs.values import loads

if TYPE_CHECKING:
    from collections.abc import Iterator

    from db.settings import DbSettings

# What our statements and psycopg rely on, whatever a database or a role sets: names are looked up where
# nobody else makes any (a function in `public` could take the place of PostgreSQL's own, and would run
# with our rights), a backslash is one, and values come in the one form that is read.
PINNED = {
    "search_path": "pg_catalog,pg_temp",
    "standard_conforming_strings": "on",
    "DateStyle": "ISO,MDY",
    "IntervalStyle": "postgres",
    "bytea_output": "hex",
    "extra_float_digits": "1",
}


def database_url(settings: DbSettings) -> str:
    """The URL of the database; starts the embedded server when none is set.

    Raises:
        BadSettings: SEOGO_DATABASE_URL is not a libpq URL.
        EmbeddedUnavailable: there is no URL and no embedded server.
    """
    if settings.database_url is None:
        return embedded.ensure(settings.home_path)
    return _checked(settings.database_url, "SEOGO_DATABASE_URL", settings)


def replica_urls(settings: DbSettings) -> list[str]:
    """The URLs of the replicas; empty where there are none.

    Raises:
        BadSettings: one of them is not a libpq URL.
    """
    urls = (settings.replica_urls or "").split()
    return [_checked(url, "SEOGO_REPLICA_URLS", settings) for url in urls]


def analyst_url(settings: DbSettings) -> str | None:
    """The URL of the login that only reads; None where there is none.

    Raises:
        BadSettings: it is not a libpq URL.
    """
    if settings.analyst_url is not None:
        _parts(settings.analyst_url, "SEOGO_ANALYST_URL")
    return settings.analyst_url


def _parts(url: str, variable: str) -> dict[str, Any]:
    """Read the parameters of a URL."""
    try:
        return conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        # Without libpq's reason, which quotes the URL and its password.
        raise BadSettings(
            f"{variable} is not a PostgreSQL URL",
            "write it as postgresql://user:password@host:5432/database, reserved characters as %XX",
        ) from None


def _checked(url: str, variable: str, settings: DbSettings) -> str:
    """Check a URL, and add the password from its file where it has none."""
    parts = _parts(url, variable)
    if settings.database_password_file is None or "password" in parts:
        return url
    try:
        secret = Path(settings.database_password_file).read_text(encoding="utf-8")
    except OSError as exc:
        raise BadSettings(
            f"SEOGO_DATABASE_PASSWORD_FILE: {settings.database_password_file}: {exc.strerror}",
            "the user of this program must be able to read it",
        ) from exc
    return make_conninfo(url, password=secret.rstrip("\r\n"))


@contextmanager
def session(settings: DbSettings, *, vectors: bool = True) -> Iterator[psycopg.Connection[Any]]:
    """Open one autocommit connection for a job; transactions are explicit (`conn.transaction()`).

    Args:
        settings: where the database is.
        vectors: adapt pgvector types; False before the extension exists.

    Raises:
        ServerUnreachable: nothing answers under the URL (the password is never in the message).
    """
    conn = open_connection(
        database_url(settings),
        autocommit=True,
        connect_timeout=settings.connect_timeout_s,
        application_name="seogo",
    )
    with conn:
        set_json_loads(loads, conn)
        if vectors:
            register_or_explain(conn)
        yield conn


def open_connection(url: str, **options: Any) -> psycopg.Connection[Any]:
    """Open a connection with psycopg's options and the settings of `PINNED`.

    Raises:
        ServerUnreachable: nothing answers under the URL (the password is never in the message).
    """
    try:
        conn = psycopg.connect(url, **options)
        conn.execute(
            "SELECT set_config(s.key, s.value, false) FROM jsonb_each_text(%s) AS s",
            (Jsonb(PINNED),),
        )
        if not conn.autocommit:
            conn.commit()
        return conn
    except psycopg.OperationalError as exc:
        raise ServerUnreachable(
            f"cannot connect to {redacted(url)}: {str(exc).strip()}",
            "check SEOGO_DATABASE_URL and that the server accepts connections",
        ) from exc


def register_or_explain(conn: psycopg.Connection[Any]) -> None:
    """Register pgvector's types on a connection; a missing extension means a missing upgrade."""
    with conn.transaction():
        if conn.execute(statements("upgrade")["see_vector_schema"]).fetchone() is None:
            raise SchemaOutdated("this database has no Seogo schema", "run `seogo db upgrade`")
        register_vector(conn)


def pool(settings: DbSettings, url: str) -> AsyncConnectionPool:
    """Build the pool of the service; opened by the application; it replaces broken connections."""
    # Dates in filters that have no time zone are UTC, here as in the functions.
    limit = {"statement_timeout": settings.statement_timeout_s * 1000, "timezone": "UTC"}
    pinned = PINNED | limit
    return AsyncConnectionPool(
        url,
        open=False,
        min_size=1,
        max_size=settings.pool_max,
        timeout=settings.connect_timeout_s,
        check=_check,
        configure=_read_exactly,
        kwargs={
            "autocommit": True,
            "application_name": "seogo-service",
            "connect_timeout": settings.connect_timeout_s,
            "options": " ".join(f"-c {name}={value}" for name, value in pinned.items()),
        },
    )


async def _check(conn: psycopg.AsyncConnection[Any]) -> None:
    """Check a connection about to be used: a server that ends one says so, or closes it, which is readable.

    Asking each time would be a round trip for each query.
    """
    with selectors.DefaultSelector() as selector:
        selector.register(conn.fileno(), selectors.EVENT_READ)
        if selector.select(0):
            await AsyncConnectionPool.check_connection(conn)


async def _read_exactly(conn: psycopg.AsyncConnection[Any]) -> None:
    set_json_loads(loads, conn)


def url_of(conn: psycopg.Connection[Any]) -> str:
    """The URL of a connection, password included."""
    return make_conninfo(
        "", **conn.info.get_parameters(), **({"password": p} if (p := conn.info.password) else {})
    )


def password(url: str) -> str | None:
    """The password in a URL, if there is one."""
    found = conninfo_to_dict(url).get("password")
    return None if found is None else str(found)


def redacted(url: str) -> str:
    """The URL without its password, for messages."""
    parts = conninfo_to_dict(url)
    public = {k: v for k, v in parts.items() if k not in ("password", "sslpassword")}
    return make_conninfo("", **public)


def host(url: str) -> str:
    """The host in a URL; empty where it names none."""
    return str(conninfo_to_dict(url).get("host") or "")
