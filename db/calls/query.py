"""Typed SQL queries, for sync and async connections."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Generic, LiteralString, TypeVar

import msgspec
from psycopg.rows import kwargs_row

from db.errors import translated

if TYPE_CHECKING:
    import psycopg

T = TypeVar("T")
# Until the end of the transaction.
_WITHOUT = "SELECT set_config('seogo.without', %s, true)"


class Query(msgspec.Struct, Generic[T], frozen=True):
    """A statement, its parameters, and the row type: called with the columns as keyword arguments.

    `reads`: it writes nothing and may be answered some seconds late, so a replica may answer it.
    `without`: names of shards that are left out of the answer.
    """

    statement: LiteralString
    params: Mapping[str, Any]
    row: Callable[..., T]
    reads: bool = False
    without: tuple[str, ...] = ()


def fetch(conn: psycopg.Connection[Any], query: Query[T]) -> list[T]:
    """Run a query on a sync connection; psycopg errors become ours."""
    with translated(), ExitStack() as stack:
        if query.without:
            stack.enter_context(conn.transaction())
            conn.execute(_WITHOUT, (",".join(query.without),))
        cur = stack.enter_context(conn.cursor(row_factory=kwargs_row(query.row)))
        return cur.execute(query.statement, query.params).fetchall()


async def afetch(conn: psycopg.AsyncConnection[Any], query: Query[T]) -> list[T]:
    """Run a query on an async connection; psycopg errors become ours."""
    with translated():
        async with conn.cursor(row_factory=kwargs_row(query.row)) as cur:
            await cur.execute(query.statement, query.params)
            return await cur.fetchall()


async def afetch_entered(
    conn: psycopg.AsyncConnection[Any],
    query: Query[T],
    enter: LiteralString,
    rights: Mapping[str, Any],
) -> list[T]:
    """Run a query in a transaction of its own, which a statement begins, in one round trip.

    Args:
        conn: in autocommit mode. Where this raises, its owner is to roll it back, as pools do.
        query: the query.
        enter: a statement that runs first: settings until the end of the transaction.
        rights: parameters of `enter`.
    """
    with translated():
        async with conn.cursor(row_factory=kwargs_row(query.row)) as cur:
            # `transaction()`, or fetching in the pipeline, would wait for the server once more each.
            async with conn.pipeline():
                await conn.execute("BEGIN")
                await conn.execute(enter, rights)
                if query.without:
                    await conn.execute(_WITHOUT, (",".join(query.without),))
                await cur.execute(query.statement, query.params)
                await conn.execute("COMMIT")
            return await cur.fetchall()
