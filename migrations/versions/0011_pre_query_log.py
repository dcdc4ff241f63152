"""The query log: what was asked over HTTP and what came first, where that is wanted.

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

from migrations.script import execute

revision = "0011"
down_revision = "0010"

SCRIPT = """
CREATE TABLE ops.query_log (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    asked_at      timestamptz NOT NULL,
    expires_at    timestamptz NOT NULL,
    key_id        int REFERENCES ops.api_key ON DELETE SET NULL,
    collection_id int NOT NULL REFERENCES core.collection ON DELETE CASCADE,
    query         text,
    picture       boolean NOT NULL,
    liked         bigint[] NOT NULL,
    unliked       bigint[] NOT NULL,
    filter        jsonb,
    profile       text,
    k             int NOT NULL,
    skip          int NOT NULL,
    legs          jsonb NOT NULL CHECK (jsonb_typeof(legs) = 'array'),
    encode_ms     float8 NOT NULL,
    sql_ms        float8 NOT NULL,
    rerank_ms     float8 NOT NULL,
    total_ms      float8 NOT NULL,
    degraded      text[] NOT NULL,
    hits          jsonb NOT NULL CHECK (jsonb_typeof(hits) = 'array')
);
CREATE INDEX query_log_expires_idx ON ops.query_log (expires_at);
CREATE INDEX query_log_collection_idx ON ops.query_log (collection_id, asked_at);
CREATE INDEX query_log_key_idx ON ops.query_log (key_id) WHERE key_id IS NOT NULL;
COMMENT ON TABLE ops.query_log IS
    'Searches over HTTP, where SEOGO_QUERY_LOG is set. Personal data: only administrators read it, and rows go when they expire.';
COMMENT ON COLUMN ops.query_log.expires_at IS 'From then on the row is deleted by maintenance; settled when it is written.';
COMMENT ON COLUMN ops.query_log.picture IS 'Whether a picture was part of the query; the picture itself is not kept.';
COMMENT ON COLUMN ops.query_log.filter IS 'An object, or a jsonpath predicate as a string.';
COMMENT ON COLUMN ops.query_log.legs IS 'The legs that were run, without vectors.';
COMMENT ON COLUMN ops.query_log.hits IS 'The first hits: [{"external_id", "rank", "legs": {name: rank}}]; a leg that has not the item is left out.';
"""


def upgrade() -> None:
    """Apply."""
    execute(SCRIPT)
