"""Sessions of browsers: their cookie holds a token of its own, no longer the key.

Revision ID: 0019
Revises: 0018
"""

from __future__ import annotations

from migrations.script import execute

revision = "0019"
down_revision = "0018"

SCRIPT = """
CREATE TABLE ops.session (
    digest     bytea PRIMARY KEY CHECK (length(digest) = 32),
    key_id     int NOT NULL REFERENCES ops.api_key ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL
);
CREATE INDEX session_key ON ops.session (key_id, created_at);
COMMENT ON TABLE ops.session IS
    'Browsers that are signed in, by SHA-256 of the token in their cookie; a session ends with its key, or before.';
"""


def upgrade() -> None:
    """Apply."""
    execute(SCRIPT)
