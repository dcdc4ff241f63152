"""Profiles for items that ask, rerankers for searches by item; titles with formulas are read again.

Revision ID: 0032
Revises: 0031
"""

from __future__ import annotations

from migrations.script import execute

revision = "0032"
down_revision = "0031"

SCRIPT = """
ALTER TABLE eval.profile ADD COLUMN asker jsonb
    CHECK (jsonb_typeof(asker) = 'object' AND asker <> '{}');
COMMENT ON COLUMN eval.profile.asker IS
    'For searches by an item (search.by_item): what its metadata contain; NULL: for all searches.';
DROP INDEX eval.profile_one_active_idx;
CREATE UNIQUE INDEX profile_one_active_idx
    ON eval.profile (collection_id, coalesce(query_kind, ''), coalesce(asker, '{}')) WHERE active;

ALTER TABLE eval.reranker ADD COLUMN by_item boolean NOT NULL DEFAULT false;
ALTER TABLE eval.reranker DROP CONSTRAINT reranker_pkey;
ALTER TABLE eval.reranker ADD PRIMARY KEY (collection_id, by_item);
COMMENT ON COLUMN eval.reranker.by_item IS
    'Whether it was measured on searches by item, and orders these; else it orders searches by words.';

DROP FUNCTION IF EXISTS impl.fusion(text, text, text, text, text, int);

-- Words of titles with formulas are others from now on (impl.read_latex), and counts that were added by one rule
-- cannot be taken away by another: maintenance reads these titles again, as impl.title_words asks for.
WITH formulas AS MATERIALIZED (
    SELECT DISTINCT t.collection_id FROM core.title AS t
    WHERE t.titles ~ '[\\\\\uff3c\ufe68]|[$][^$]*[~`]'
),
titles AS (
    DELETE FROM core.title AS t USING formulas AS f WHERE t.collection_id = f.collection_id
),
counts AS (
    DELETE FROM core.completion AS c USING formulas AS f
    WHERE c.collection_id = f.collection_id AND c.source <> 'q'
)
UPDATE core.collection AS c SET titles_stale = true
WHERE c.id IN (SELECT f.collection_id FROM formulas AS f);
"""


def upgrade() -> None:
    """Apply."""
    execute(SCRIPT)
