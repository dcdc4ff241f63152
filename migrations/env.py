"""Alembic's entry: runs revisions on the connection that `db.migrate.upgrade` hands over."""

from __future__ import annotations

from typing import Any

from alembic import context

from db.migrate import see_vectors

connection = context.config.attributes["connection"]


def _see_vectors(*_step: Any, **_named: Any) -> None:
    see_vectors(connection.connection.driver_connection)


_see_vectors()
context.configure(
    connection=connection, version_table_schema="public", on_version_apply=_see_vectors
)
context.run_migrations()
