"""Sums over shards: what the vocabulary of a coordinator was added up from.

Revision ID: 0048
Revises: 0047
"""

from __future__ import annotations

from migrations.script import execute

revision = "0048"
down_revision = "0047"

SCRIPT = """
ALTER TABLE core.vocabulary ADD COLUMN IF NOT EXISTS origin jsonb;
COMMENT ON COLUMN core.vocabulary.origin IS
    'On a coordinator, per shard: documents counted there, and a mark of the counts that were added up.';
"""


def upgrade() -> None:
    """Apply."""
    execute(SCRIPT)
