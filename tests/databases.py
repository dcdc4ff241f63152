"""Databases of tests, copied from a template and dropped: thousands of them, so the cost of one matters."""

from __future__ import annotations

import os
import tempfile
import time
import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Not for data that matters: a crash of the test server may lose it. A vacuum of its own accord would change
# plans in the middle of a test. Each DROP, TRUNCATE and copy walks through all buffers: few are enough.
FAST = (
    "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\nautovacuum = off\n"
    "max_wal_size = 512MB\nshared_buffers = 64MB\n"
)
# The connection of this process to each server that makes its databases: a new one would read catalogs anew.
MAKERS: dict[str, psycopg.Connection[Any]] = {}


def copied_by_kernel(folder: Path) -> str:
    """The setting by which PostgreSQL 18 leaves the copying of files to the kernel, where that can do it."""
    if not hasattr(os, "copy_file_range"):
        return ""
    with tempfile.TemporaryFile(dir=folder) as one, tempfile.TemporaryFile(dir=folder) as other:
        one.write(b"x")
        one.flush()
        try:
            os.copy_file_range(one.fileno(), other.fileno(), 1, offset_src=0)
        except OSError:
            return ""
    return "file_copy_method = clone\n"


def create_database(conn: psycopg.Connection[Any], name: str, template: str) -> None:
    """CREATE DATABASE name TEMPLATE template."""
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
    conn.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))


@contextmanager
def fresh_database(server_url: str, template: str) -> Iterator[str]:
    """URL of a copy of a database, which is dropped in the end."""
    name = f"seogo_test_{uuid.uuid4().hex[:12]}"
    create_database(maker(server_url), name, template)
    try:
        yield make_conninfo(server_url, dbname=name)
    finally:
        conn = maker(server_url)
        wait_for_ends(conn, name)
        conn.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def maker(server_url: str) -> psycopg.Connection[Any]:
    """The connection that makes and drops databases of a server."""
    conn = MAKERS.get(server_url)
    if conn is None or conn.closed:
        conn = MAKERS[server_url] = psycopg.connect(server_url, autocommit=True)
    return conn


def wait_for_ends(conn: psycopg.Connection[Any], name: str) -> None:
    """Wait until a database's sessions, closed by the test, have ended: a DROP looks once in 100 ms."""
    for _ in range(20):
        if not conn.execute("SELECT FROM pg_stat_activity WHERE datname = %s", (name,)).rowcount:
            break
        time.sleep(0.005)


def close() -> None:
    """Close the connections that made databases."""
    while MAKERS:
        MAKERS.popitem()[1].close()
