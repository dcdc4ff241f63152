"""Work of several steps, written once for sync and async callers.

Steps are a generator: it yields an effect (a query, for example) and is sent its result. What fails
is raised where it was yielded. The generator's result is that of the steps.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from db.calls.query import Query, afetch, fetch

if TYPE_CHECKING:
    import psycopg

T = TypeVar("T")

Steps: TypeAlias = Generator[Any, Any, T]


def drive(steps: Steps[T], perform: Callable[[Any], Any]) -> T:
    """Run steps; `perform` does what each of them yields and returns its result."""
    try:
        effect = next(steps)
        while True:
            try:
                given = perform(effect)
            except Exception as exc:
                effect = steps.throw(exc)
            else:
                effect = steps.send(given)
    except StopIteration as stop:
        result: T = stop.value
        return result


async def adrive(steps: Steps[T], perform: Callable[[Any], Awaitable[Any]]) -> T:
    """Run steps as `drive` does, where `perform` is async."""
    try:
        effect = next(steps)
        while True:
            try:
                given = await perform(effect)
            except Exception as exc:
                effect = steps.throw(exc)
            else:
                effect = steps.send(given)
    except StopIteration as stop:
        result: T = stop.value
        return result


def run(conn: psycopg.Connection[Any], steps: Steps[T]) -> T:
    """Run queries, and steps within them in savepoints; the caller has opened a transaction."""

    def perform(step: Any) -> Any:
        if isinstance(step, Query):
            return fetch(conn, step)
        with conn.transaction():
            return run(conn, step)

    return drive(steps, perform)


async def arun(conn: psycopg.AsyncConnection[Any], steps: Steps[T]) -> T:
    """Run steps as `run` does, on an async connection."""

    async def perform(step: Any) -> Any:
        if isinstance(step, Query):
            return await afetch(conn, step)
        async with conn.transaction():
            return await arun(conn, step)

    return await adrive(steps, perform)
