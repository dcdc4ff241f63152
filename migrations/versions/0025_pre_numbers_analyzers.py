"""Indexes know by which version of the analyzers they were made; numbers are compared by longer keys.

Numbers get their new keys by sql/50_items/numbers_backfill.sql, in the same transaction. Beside each index
that older analyzers made, sql/50_items/lexical_backfill.sql puts a second one, and `seogo db upgrade` builds it
behind its transaction, or `seogo maintain` does.

Revision ID: 0025
Revises: 0024
"""

from __future__ import annotations

from migrations.script import execute

revision = "0025"
down_revision = "0024"

SCRIPT = """
ALTER TABLE core.lexical_index ADD COLUMN analyzer_version int NOT NULL DEFAULT 0;
COMMENT ON COLUMN core.lexical_index.analyzer_version IS
    'impl.analyzer_version() when its tokens were made; an older index is built anew beside itself.';

ALTER TABLE core.collection DROP CONSTRAINT collection_analyzer_check;
ALTER TABLE core.collection ADD CONSTRAINT collection_analyzer_check
    CHECK (analyzer IN ('simple', 'english', 'korean', 'korean_syllables'));
"""


def upgrade() -> None:
    """Apply."""
    execute(SCRIPT)
