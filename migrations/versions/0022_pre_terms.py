"""Terms of a long text with their frequency as one jsonb, which is looked up a tenth of the time.

Revision ID: 0022
Revises: 0021
"""

from __future__ import annotations

from migrations.script import execute

revision = "0022"
down_revision = "0021"

# Databases that had revision 0021 before its release keep them as two arrays.
SCRIPT = """
DROP FUNCTION IF EXISTS impl.constant_vector(float8);

ALTER TABLE core.document ADD COLUMN IF NOT EXISTS terms jsonb;
COMMENT ON COLUMN core.document.terms IS
    'Frequency of each different token of a long text: counting would take long.';

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_attribute AS a WHERE a.attrelid = 'core.document'::regclass
               AND a.attname = 'lexemes' AND NOT a.attisdropped) THEN
        UPDATE core.document AS d SET terms = (
            SELECT jsonb_object_agg(t.lexeme, t.tf) FROM unnest(d.lexemes, d.tfs) AS t(lexeme, tf))
        WHERE d.lexemes IS NOT NULL;
        ALTER TABLE core.document DROP COLUMN lexemes, DROP COLUMN tfs;
        ALTER TABLE core.lexical_chunk
            ADD COLUMN doc_n int NOT NULL GENERATED ALWAYS AS (cardinality(docs)) STORED;
    END IF;
END $$;
"""


def upgrade() -> None:
    """Apply."""
    execute(SCRIPT)
