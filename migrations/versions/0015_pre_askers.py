"""Who asked for the vector of a query text, so that no login fills the queue; what the policy is good for.

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
COMMENT ON POLICY collections_in_scope ON core.collection IS
    'Confines requests over HTTP, whose statements are the service''s: it sets seogo.collections (names, separated by commas) for keys that are limited to some. A login could set it too, and is not confined by it.';
COMMENT ON COLUMN ops.query_vector.asked_by IS 'The login that asked first; see impl.queue_query.';
"""


def upgrade() -> None:
    """Apply."""
    execute(SCRIPT)
