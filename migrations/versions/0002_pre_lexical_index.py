"""The lexical index: an inverted index in tables, instead of a tsvector on the item.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

from migrations.script import execute

revision = "0002"
down_revision = "0001"

DROPS = """
DROP TRIGGER IF EXISTS item_before_write ON core.item;
DROP FUNCTION IF EXISTS impl.item_before_write();
DROP FUNCTION IF EXISTS search.lexical(text, text, int, text);
ALTER TABLE core.item DROP COLUMN lexical;
"""

TABLES = """
CREATE TABLE core.lexical_index (
    id            int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    collection_id int NOT NULL REFERENCES core.collection ON DELETE CASCADE,
    status        text NOT NULL DEFAULT 'live' CHECK (status IN ('building', 'live')),
    analyzer      text NOT NULL,
    field_weights jsonb NOT NULL,
    k1            float8 NOT NULL DEFAULT 1.2 CHECK (k1 >= 0),
    b             float8 NOT NULL DEFAULT 0.75 CHECK (b BETWEEN 0 AND 1),
    created_at    timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE core.lexical_index IS
    'An inverted index of a collection. A change of analyzer or weights builds a second one and swaps.';
CREATE UNIQUE INDEX lexical_index_one_idx ON core.lexical_index (collection_id, status);

CREATE TABLE core.lexdoc (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    index_id     int NOT NULL,
    item_id      bigint NOT NULL,
    fields_hash  uuid NOT NULL,
    length       real NOT NULL,
    lexemes      text[] COLLATE "C" NOT NULL,
    tfs          real[] NOT NULL,
    tsv          tsvector
);
COMMENT ON TABLE core.lexdoc IS
    'Forward row of the current version of an item in an index. A posting whose lexdoc is gone is garbage.';
CREATE UNIQUE INDEX lexdoc_item_idx ON core.lexdoc (item_id, index_id);
CREATE INDEX lexdoc_index_idx ON core.lexdoc (index_id);
CREATE INDEX lexdoc_tsv_idx ON core.lexdoc USING gin (tsv);

CREATE TABLE core.posting_block (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    index_id   int NOT NULL,
    lexeme     text NOT NULL COLLATE "C",
    n          int NOT NULL,
    tf_max     real NOT NULL,
    length_min real NOT NULL,
    docs       bigint[] NOT NULL,
    tfs        real[] NOT NULL,
    lengths    real[] NOT NULL
);
COMMENT ON TABLE core.posting_block IS
    'At most 256 postings of a lexeme; n counts them. A block with n < 0 has none: it takes deleted documents '
    'off the document frequency until a merge removes their postings.';
CREATE INDEX posting_block_lexeme_idx ON core.posting_block (index_id, lexeme)
    INCLUDE (id, n, tf_max, length_min);

CREATE TABLE core.segment (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    index_id   int NOT NULL,
    n_docs     bigint NOT NULL,
    sum_length float8 NOT NULL
);
COMMENT ON TABLE core.segment IS
    'Documents and tokens that each writing statement added (or, negative, took away); their sums are N and '
    'the total length. Insert-only, so that writers never wait for each other; merges fold the rows.';
CREATE INDEX segment_index_idx ON core.segment (index_id) INCLUDE (n_docs, sum_length);

CREATE TABLE ops.merge_cursor (
    index_id int PRIMARY KEY REFERENCES core.lexical_index ON DELETE CASCADE,
    lexeme   text NOT NULL COLLATE "C"
);
COMMENT ON TABLE ops.merge_cursor IS 'How far an unfinished merge has come, so that it goes on from there.';

-- Postings are written once and replaced whole; statistics must see them soon.
ALTER TABLE core.posting_block SET (autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);

ALTER TABLE core.collection ADD CONSTRAINT field_weights_are_0_or_between_0_001_and_1000 CHECK (NOT jsonb_path_exists(
    field_weights, 'strict $.* ? (@.type() != "number" || @ > 1000 || @ < 0 || (@ != 0 && @ < 0.001))'));

INSERT INTO core.lexical_index (collection_id, analyzer, field_weights)
SELECT id, analyzer, field_weights FROM core.collection;
"""


def upgrade() -> None:
    """Apply."""
    execute(DROPS)
    execute(TABLES)
