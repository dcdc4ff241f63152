"""Tuning: the spread of each list of a run, decisions with their reasons, rerankers that are in use.

Revision ID: 0009
Revises: 0008
"""

from __future__ import annotations

from migrations.script import execute

revision = "0009"
down_revision = "0008"

SCRIPT = """
ALTER TABLE eval.run_leg ADD COLUMN low float8, ADD COLUMN high float8, ADD COLUMN deviation float8;
COMMENT ON COLUMN eval.run_leg.low IS
    'Least score of the whole list, the query''s own item included, as fusion saw it; high and deviation (of the population) likewise.';

CREATE TABLE eval.decision (
    id            int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    collection_id int NOT NULL REFERENCES core.collection ON DELETE CASCADE,
    kind          text NOT NULL CHECK (kind IN ('fusion', 'rerank')),
    run_id        int REFERENCES eval.run ON DELETE SET NULL,
    source        text NOT NULL,
    measure       text NOT NULL,
    candidate     jsonb NOT NULL CHECK (jsonb_typeof(candidate) = 'object'),
    activated     boolean NOT NULL,
    reason        text NOT NULL,
    figures       jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(figures) = 'object'),
    decided_at    timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX decision_collection_idx ON eval.decision (collection_id);
CREATE INDEX decision_run_idx ON eval.decision (run_id);
COMMENT ON TABLE eval.decision IS 'What was measured on held-out queries and then put to use, or was not, and why.';
COMMENT ON COLUMN eval.decision.candidate IS 'What was decided about: a fusion profile, or a reranker with its settings.';
COMMENT ON COLUMN eval.decision.figures IS 'Held-out means, and the comparisons with each rival.';

CREATE TABLE eval.reranker (
    collection_id int PRIMARY KEY REFERENCES core.collection ON DELETE CASCADE,
    decision_id   int NOT NULL REFERENCES eval.decision ON DELETE CASCADE,
    model         text NOT NULL,
    revision      text NOT NULL,
    top_n         int NOT NULL CHECK (top_n BETWEEN 2 AND 1000),
    blend         float8 NOT NULL CHECK (blend > 0 AND blend <= 1),
    threshold     float8
);
CREATE INDEX reranker_decision_idx ON eval.reranker (decision_id);
COMMENT ON TABLE eval.reranker IS 'The reranker of a collection; without a row the order of the search stands.';
COMMENT ON COLUMN eval.reranker.blend IS 'Share of the reranker in the new order, the rest is the search''s; both scaled to [0, 1] over the items read.';
COMMENT ON COLUMN eval.reranker.threshold IS 'Where no item read scores at least this, the order of the search stands; NULL: never.';
"""


def upgrade() -> None:
    """Apply."""
    execute(SCRIPT)
