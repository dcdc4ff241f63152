"""Alembic's entry: runs revisions on the connection that `db.migrate.upgrade` hands over."""

from __future__ import annotations

from alembic import context

connection = context.config.attributes["connection"]
context.configure(connection=connection, version_table_schema="public")
context.run_migrations()
