"""A database for one run of a bench, on the server that SEOGO_DATABASE_URL names or the embedded one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from db import connect, migrate
from db.settings import DbSettings, read

DATABASE = "seogo_bench"
BATCH = 16_000  # as `seogo ingest`

# The index of words is whatever core holds besides items, pictures, vectors and words counted, so that a
# table that the index gains is counted without a word here. Empty tables are left out: they serve others.
_INDEX_BYTES = """
    SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint FROM pg_class AS c
    WHERE c.relnamespace = 'core'::regnamespace AND c.relkind = 'r' AND pg_relation_size(c.oid) > 0
    AND c.relname <> ALL ('{item,collection,picture,vocabulary,word,word_pair,title,completion}')
    AND NOT EXISTS (SELECT FROM pg_attribute AS a
                    WHERE a.attrelid = c.oid AND a.attname = 'space_id' AND NOT a.attisdropped)"""


@contextmanager
def database() -> Iterator[psycopg.Connection[Any]]:
    """A connection to an upgraded database that is there for this run alone."""
    url = connect.database_url(read(DbSettings))
    name = sql.Identifier(DATABASE)
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
        admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(name))
        try:
            own = make_conninfo(url, dbname=DATABASE)
            migrate.upgrade(own)
            with psycopg.connect(own, autocommit=True) as conn:
                yield conn
        finally:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


def index_bytes(conn: psycopg.Connection[Any]) -> int:
    """Bytes of the index of words with its own indexes, without items, pictures and vectors."""
    return int(first(conn, _INDEX_BYTES))


def first(conn: psycopg.Connection[Any], query: str, params: Sequence[Any] = ()) -> Any:
    """The first value of the first row."""
    row = conn.execute(query.encode(), params).fetchone()
    assert row is not None
    return row[0]


def batches(count: int) -> Iterator[tuple[int, int]]:
    """First and last number of each batch."""
    return ((start, min(start + BATCH, count) - 1) for start in range(0, count, BATCH))
