"""Who asked for the vector of a query text, so that no login fills the queue.

Revision ID: 0015
Revises: 0014
"""

from __future__ import annotations

from migrations.script import execute

revision = "0015"
down_revision = "0014"

SCRIPT = """
ALTER TABLE ops.query_vector ADD COLUMN asked_by name NOT NULL DEFAULT session_user;
CREATE INDEX query_vector_asker_idx ON ops.query_vector (asked_by, asked_at);
COMMENT ON COLUMN ops.query_vector.asked_by IS 'The login that asked first; see impl.queue_query.';
"""


def upgrade() -> None:
    """Apply."""
    execute(SCRIPT)
