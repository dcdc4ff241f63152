"""Spaces of token weights: learned sparse retrieval over an inverted index.

Revision ID: 0045
Revises: 0044
"""

from __future__ import annotations

from migrations.script import execute

revision = "0045"
down_revision = "0044"

SCRIPT = """
DROP FUNCTION IF EXISTS impl.chunk_candidates(int, text[], float8[], float8, float8, float8, float8);

ALTER TABLE ops.space DROP CONSTRAINT IF EXISTS space_kind_check, DROP CONSTRAINT IF EXISTS space_dim_check;
ALTER TABLE ops.space
    ADD CONSTRAINT space_kind_check CHECK (kind IN ('single', 'multi', 'sparse')),
    ADD CONSTRAINT space_dim_check CHECK (dim BETWEEN 2 AND CASE kind WHEN 'sparse' THEN 4000000 ELSE 4000 END),
    ADD COLUMN IF NOT EXISTS tokenizer jsonb;
COMMENT ON COLUMN ops.space.kind IS
    'single: one vector per text or picture. multi: one per token, compared by MaxSim; vec is their mean. '
    'sparse: weights of tokens of a vocabulary, compared by their inner product.';
COMMENT ON COLUMN ops.space.dim IS 'Numbers in a vector; in a space of kind sparse tokens of the vocabulary.';
COMMENT ON COLUMN ops.space.tokenizer IS
    'In a space of kind sparse: the settings by which impl.word_pieces finds the tokens of a query; NULL: it '
    'cannot.';

CREATE SEQUENCE IF NOT EXISTS core.weighed_seq;
ALTER TABLE core.embedding
    ALTER vec DROP NOT NULL,
    ADD COLUMN IF NOT EXISTS token_weights sparsevec,
    ADD COLUMN IF NOT EXISTS doc bigint;
COMMENT ON COLUMN core.embedding.vec IS 'The vector; NULL in a space of kind sparse.';
COMMENT ON COLUMN core.embedding.token_weights IS
    'Weights of the tokens of a vocabulary (the first has index 1), in a space of kind sparse.';
COMMENT ON COLUMN core.embedding.doc IS
    'Number of the row in the inverted index of a space of kind sparse; another text has another number.';
COMMENT ON COLUMN ops.query_vector.vec IS
    'The vector; in a space of kind multi those of the tokens, one after the other; in one of kind sparse per '
    'token three numbers (impl.unpacked).';

CREATE TABLE IF NOT EXISTS core.sparse_token (
    space_id int NOT NULL REFERENCES ops.space ON DELETE CASCADE,
    token_id int NOT NULL,
    token    text COLLATE "C" NOT NULL,
    idf      real,
    PRIMARY KEY (space_id, token_id)
);
CREATE INDEX IF NOT EXISTS sparse_token_token_idx ON core.sparse_token (space_id, token) INCLUDE (token_id, idf);
COMMENT ON TABLE core.sparse_token IS
    'Vocabulary of a space of kind sparse, tokens as the tokenizer of its encoder writes them.';
COMMENT ON COLUMN core.sparse_token.idf IS
    'Weight of the token in a query that goes through no model; NULL where queries go through the encoder.';

CREATE TABLE IF NOT EXISTS core.sparse_fresh (
    space_id int NOT NULL,
    doc      bigint NOT NULL,
    PRIMARY KEY (space_id, doc)
);
COMMENT ON TABLE core.sparse_fresh IS
    'Rows of spaces of kind sparse that are in no chunk yet: a search looks at each. Chunks of such a space are '
    'those of core.lexical_chunk whose index_id is minus the id of the space.';
"""


def upgrade() -> None:
    """Apply."""
    execute(SCRIPT)
