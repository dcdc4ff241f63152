"""Spaces with distances and quantization, query vectors, fusion profiles, recall measurements.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

from migrations.script import execute

revision = "0003"
down_revision = "0002"

SCRIPT = """
DROP FUNCTION IF EXISTS search.semantic(text, halfvec, int, text, text, text);
DROP FUNCTION IF EXISTS search.hybrid(text, text, search.leg[], int, text, int);
DROP FUNCTION IF EXISTS search.lexical_leg(float8, int, text);
DROP FUNCTION IF EXISTS search.identifier_leg(float8, int, text);
DROP FUNCTION IF EXISTS search.vector_leg(text, halfvec, float8, int, text, text);
DROP FUNCTION IF EXISTS impl.run_leg(text, text, search.leg, text);
DROP FUNCTION IF EXISTS impl.checked_legs(search.leg[]);
DROP FUNCTION IF EXISTS ops.create_space(text, text, text, int, text, int, int, int);
DROP FUNCTION IF EXISTS impl.check_vector(halfvec, int, text);
DROP VIEW IF EXISTS search.spaces;

ALTER TYPE search.leg ADD ATTRIBUTE positive bigint[], ADD ATTRIBUTE negative bigint[];

ALTER TABLE ops.space
    ADD COLUMN distance text NOT NULL DEFAULT 'cosine' CHECK (distance IN ('cosine', 'ip', 'l2')),
    ADD COLUMN quantization text NOT NULL DEFAULT 'none' CHECK (quantization IN ('none', 'binary'));
COMMENT ON COLUMN ops.space.min_similarity IS 'Hits with a lower score are left out of the answer; NULL = all count.';
COMMENT ON COLUMN ops.space.quantization IS
    'binary: HNSW over one bit per dimension, its candidates re-ranked by the exact distance.';

CREATE TABLE ops.query_vector (
    space_id   int NOT NULL REFERENCES ops.space ON DELETE CASCADE,
    query_hash uuid NOT NULL,
    query      text NOT NULL,
    vec        halfvec,
    asked_at   timestamptz NOT NULL DEFAULT now(),
    encoded_at timestamptz,
    error      text,
    PRIMARY KEY (space_id, query_hash)
);
CREATE INDEX query_vector_waiting_idx ON ops.query_vector (space_id, asked_at) WHERE vec IS NULL;
COMMENT ON TABLE ops.query_vector IS
    'Vectors of query texts, so that SQL alone can search by meaning. vec NULL = asked for, not encoded yet.';

CREATE TABLE ops.recall (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    space_id    int NOT NULL REFERENCES ops.space ON DELETE CASCADE,
    measured_at timestamptz NOT NULL DEFAULT now(),
    sample_n    int NOT NULL,
    k           int NOT NULL,
    ef_search   int NOT NULL,
    recall      float8 NOT NULL,
    ann_ms      float8 NOT NULL,
    exact_ms    float8 NOT NULL
);
COMMENT ON TABLE ops.recall IS 'Measurements by search.measure_recall: how much of the exact answer the index finds.';

CREATE TABLE eval.profile (
    id            int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    collection_id int NOT NULL REFERENCES core.collection ON DELETE CASCADE,
    name          text NOT NULL,
    active        boolean NOT NULL DEFAULT false,
    method        text NOT NULL DEFAULT 'rrf' CHECK (method IN ('rrf', 'weighted')),
    normalization text NOT NULL DEFAULT 'minmax' CHECK (normalization IN ('minmax', 'zscore', 'none')),
    k_rrf         int NOT NULL DEFAULT 60 CHECK (k_rrf >= 0),
    weights       jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(weights) = 'object'),
    note          text,
    created_at    timestamptz NOT NULL DEFAULT now(),
    UNIQUE (collection_id, name)
);
CREATE UNIQUE INDEX profile_one_active_idx ON eval.profile (collection_id) WHERE active;
COMMENT ON TABLE eval.profile IS
    'How the legs of a collection are fused; the active one is used when a query names none. Without any: RRF, k 60.';
"""


def upgrade() -> None:
    """Apply."""
    execute(SCRIPT)
