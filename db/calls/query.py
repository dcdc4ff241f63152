"""Typed SQL queries, for sync and async connections."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Generic, LiteralString, TypeVar

import msgspec
from psycopg.rows import kwargs_row

from db.errors import translated

if TYPE_CHECKING:
    import psycopg

T = TypeVar("T")


class Query(msgspec.Struct, Generic[T], frozen=True):
    """A statement, its parameters, and the row type: called with the columns as keyword arguments.

    `reads`: it writes nothing and may be answered some seconds late, so a replica may answer it.
    """

    statement: LiteralString
    params: Mapping[str, Any]
    row: Callable[..., T]
    reads: bool = False


def fetch(conn: psycopg.Connection[Any], query: Query[T]) -> list[T]:
    """Run a query on a sync connection; psycopg errors become ours."""
    with translated(), conn.cursor(row_factory=kwargs_row(query.row)) as cur:
        return cur.execute(query.statement, query.params).fetchall()


async def afetch(conn: psycopg.AsyncConnection[Any], query: Query[T]) -> list[T]:
    """Run a query on an async connection; psycopg errors become ours."""
    with translated():
        async with conn.cursor(row_factory=kwargs_row(query.row)) as cur:
            await cur.execute(query.statement, query.params)
            return await cur.fetchall()
