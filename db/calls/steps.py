"""Steps: generators of queries, run on sync or async connections.

Steps are a generator: it yields a query and is sent its rows, or yields other steps, which run in a
savepoint, and is sent their result. What fails is raised where it was yielded, and only what stood
in its savepoint is undone. The generator's result is that of the steps.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from db.calls.query import Query, afetch, fetch

if TYPE_CHECKING:
    import psycopg

T = TypeVar("T")

Steps: TypeAlias = Generator[Any, Any, T]


async def arun(conn: psycopg.AsyncConnection[Any], steps: Steps[T]) -> T:
    """Run steps on an async connection; the caller has opened a transaction."""
    given: Any = None
    failed: Exception | None = None
    while True:
        try:
            step = steps.send(given) if failed is None else steps.throw(failed)
        except StopIteration as stop:
            result: T = stop.value
            return result
        given, failed = None, None
        try:
            if isinstance(step, Query):
                given = await afetch(conn, step)
            else:
                async with conn.transaction():
                    given = await arun(conn, step)
        except Exception as exc:
            failed = exc


def run(conn: psycopg.Connection[Any], steps: Steps[T]) -> T:
    """Run steps on a sync connection; the caller has opened a transaction."""
    given: Any = None
    failed: Exception | None = None
    while True:
        try:
            step = steps.send(given) if failed is None else steps.throw(failed)
        except StopIteration as stop:
            result: T = stop.value
            return result
        given, failed = None, None
        try:
            if isinstance(step, Query):
                given = fetch(conn, step)
            else:
                with conn.transaction():
                    given = run(conn, step)
        except Exception as exc:
            failed = exc
