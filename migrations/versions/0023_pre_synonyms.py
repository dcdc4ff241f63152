"""Synonyms of a collection.

Revision ID: 0023
Revises: 0022
"""

from __future__ import annotations

from migrations.script import execute

revision = "0023"
down_revision = "0022"

SCRIPT = """
DROP FUNCTION IF EXISTS impl.prefix_frequency(text, float8[], text),
    impl.bm25_chunked(core.lexical_index, text[], float8[], float8[], float8, bigint[], float8[], int, float8,
                      jsonb, jsonpath);

CREATE TABLE core.synonym_group (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    collection_id int NOT NULL REFERENCES core.collection ON DELETE CASCADE,
    typed         text[] NOT NULL DEFAULT '{}',
    words         text[] NOT NULL CHECK (cardinality(words) BETWEEN 1 AND 20),
    weight        numeric(4, 3) NOT NULL DEFAULT 1 CHECK (weight > 0 AND weight <= 1),
    UNIQUE (collection_id, typed, words)
);
COMMENT ON TABLE core.synonym_group IS
    'Words that mean the same: each finds the others; with typed, those in typed find the ones in words.';
COMMENT ON COLUMN core.synonym_group.weight IS 'Number of occurrences that one of another word counts as.';

CREATE TABLE core.synonym_term (
    group_id      bigint NOT NULL REFERENCES core.synonym_group ON DELETE CASCADE,
    collection_id int NOT NULL,
    analyzer      text NOT NULL,
    tokens        text[] NOT NULL COLLATE "C",
    alternative   text NOT NULL COLLATE "C",
    weight        numeric(4, 3) NOT NULL
);
COMMENT ON TABLE core.synonym_term IS
    'Synonyms as tokens: where a query has tokens, alternative (two spaces between its tokens) counts as well.';
CREATE INDEX synonym_term_idx ON core.synonym_term (collection_id, analyzer, (tokens[1]));
CREATE INDEX synonym_term_group_idx ON core.synonym_term (group_id);
"""


def upgrade() -> None:
    """Apply."""
    execute(SCRIPT)
