"""Numbers folded with the letters of all scripts, and found by keys in place of 3-grams.

Their rows are removed here and made anew by sql/50_items/numbers_backfill.sql, in the same transaction.

Revision ID: 0017
Revises: 0016
"""

from __future__ import annotations

from migrations.script import execute

revision = "0017"
down_revision = "0016"

SCRIPT = """
DROP FUNCTION IF EXISTS impl.identifiers_in(text), impl.identifier_grams(text);

DELETE FROM core.identifier;
ALTER TABLE core.identifier RENAME COLUMN grams TO keys;
ALTER INDEX core.identifier_grams_idx RENAME TO identifier_keys_idx;
COMMENT ON COLUMN core.identifier.keys IS 'By which near numbers are found (impl.identifier_keys); none for an article of law.';
"""


def upgrade() -> None:
    """Apply."""
    execute(SCRIPT)
