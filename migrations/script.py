"""SQL scripts of revisions, run whole and as written."""

from __future__ import annotations

from typing import TYPE_CHECKING, LiteralString

from alembic import op

if TYPE_CHECKING:
    import psycopg


def execute(script: LiteralString) -> None:
    """Run a script of several statements on the upgrade's connection.

    It bypasses SQLAlchemy's own execution, which would take `%` and `:name` for parameters and
    allows one statement at a time.
    """
    connection: psycopg.Connection = op.get_bind().connection.driver_connection  # type: ignore[assignment]
    connection.execute(script, prepare=False)
