"""SQL scripts of revisions, run whole and as written."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, LiteralString

from alembic import op

if TYPE_CHECKING:
    from collections.abc import Callable

    import psycopg

_collected: ContextVar[list[str] | None] = ContextVar("collected", default=None)


def collected(upgrade: Callable[[], None]) -> list[str]:
    """The scripts that a revision's `upgrade` would run; none of them is run."""
    found: list[str] = []
    token = _collected.set(found)
    try:
        upgrade()
    finally:
        _collected.reset(token)
    return found


def execute(script: LiteralString) -> None:
    """Run a script of several statements on the upgrade's connection.

    It bypasses SQLAlchemy's own execution, which would take `%` and `:name` for parameters and
    allows one statement at a time.
    """
    if (found := _collected.get()) is not None:
        found.append(script)
        return
    connection: psycopg.Connection = op.get_bind().connection.driver_connection  # type: ignore[assignment]
    connection.execute(script, prepare=False)
