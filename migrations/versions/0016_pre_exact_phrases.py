"""Phrases from the tokens of a text instead of the places of a tsvector, and all items analysed anew.

Revision ID: 0016
Revises: 0015
"""

from __future__ import annotations

from migrations.script import execute

revision = "0016"
down_revision = "0015"

# What the analyzers make of a text has changed, so the lexical indexes are emptied here and filled again by
# sql/50_items/lexical_backfill.sql in the same transaction. Those being built are built by `seogo maintain`.
# `tokens` has no default: a writer of the older program that has waited for this lock fails, instead of
# storing a row that no phrase finds.
SCRIPT = """
DROP FUNCTION IF EXISTS impl.lexical_tokens(text, jsonb, jsonb);
DROP FUNCTION IF EXISTS impl.parse_boolean(text, text);

TRUNCATE core.lexdoc, core.posting_block, core.segment, ops.merge_cursor;

ALTER TABLE core.lexdoc ADD COLUMN tokens text NOT NULL;
CREATE INDEX lexdoc_no_tsv_idx ON core.lexdoc (index_id) WHERE tsv IS NULL;
COMMENT ON COLUMN core.lexdoc.tokens IS
    'The tokens of the item in their order, a space on either side of each, a line break between fields.';
COMMENT ON COLUMN core.lexdoc.tsv IS
    'The lexemes without places, to find candidates by. NULL where they are more than a tsvector takes.';
"""


def upgrade() -> None:
    """Apply."""
    execute(SCRIPT)
