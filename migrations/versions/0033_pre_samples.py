"""Recipes of query sets made from a collection, orders before reranking, summaries of long texts.

Revision ID: 0033
Revises: 0032
"""

from __future__ import annotations

from migrations.script import execute

revision = "0033"
down_revision = "0032"

SCRIPT = """
ALTER TABLE eval.query_set ADD COLUMN recipe jsonb CHECK (jsonb_typeof(recipe) = 'object');
COMMENT ON COLUMN eval.query_set.recipe IS
    'How it was made from a collection (eval.store_sample), so that it can be made again; NULL: it was not.';

ALTER TABLE eval.run_query ADD COLUMN fused int[], ADD COLUMN rerank_ms real;
COMMENT ON COLUMN eval.run_query.fused IS
    'Rank of each item in the fused order, where a reranker changed it; NULL: the answer is in that order.';
COMMENT ON COLUMN eval.run_query.rerank_ms IS 'Milliseconds of reranking; NULL: not reranked.';

CREATE TABLE core.summary (
    item_id      bigint NOT NULL REFERENCES core.item ON DELETE CASCADE,
    space_id     int NOT NULL REFERENCES ops.space ON DELETE CASCADE,
    source       text NOT NULL,
    content_hash uuid NOT NULL,
    model        text NOT NULL,
    prompt       text NOT NULL,
    tokens       int NOT NULL CHECK (tokens > 0),
    text         text NOT NULL CHECK (text <> ''),
    made_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (item_id, space_id, source)
);
CREATE INDEX summary_space_idx ON core.summary (space_id);
CREATE INDEX summary_content_idx ON core.summary (content_hash);
COMMENT ON TABLE core.summary IS 'Summaries that were embedded in place of long texts; content_hash is that of the text.';

-- It has another column, and other verdicts.
DROP FUNCTION IF EXISTS eval.blame(int, text, int, int);
"""


def upgrade() -> None:
    """Apply."""
    execute(SCRIPT)
