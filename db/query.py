"""A typed call of one SQL statement, run by a sync or an async connection alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, LiteralString, TypeVar

import msgspec
from psycopg.rows import class_row

from db.errors import translated

if TYPE_CHECKING:
    from collections.abc import Mapping

    import psycopg

T = TypeVar("T")


class Query(msgspec.Struct, Generic[T], frozen=True):
    """Statement, parameters and the Struct each row becomes (its fields are the column names)."""

    statement: LiteralString
    params: Mapping[str, Any]
    row: type[T]


def fetch(conn: psycopg.Connection[Any], query: Query[T]) -> list[T]:
    """Run a query on a sync connection; psycopg errors become ours."""
    with translated(), conn.cursor(row_factory=class_row(query.row)) as cur:
        return cur.execute(query.statement, query.params).fetchall()


async def afetch(conn: psycopg.AsyncConnection[Any], query: Query[T]) -> list[T]:
    """Run a query on an async connection; psycopg errors become ours."""
    with translated():
        async with conn.cursor(row_factory=class_row(query.row)) as cur:
            await cur.execute(query.statement, query.params)
            return await cur.fetchall()
