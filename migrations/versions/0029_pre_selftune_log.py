"""What a profile rests on, how good logged answers were, and proposed synonyms.

Revision ID: 0029
Revises: 0028
"""

from __future__ import annotations

from migrations.script import execute

revision = "0029"
down_revision = "0028"

SCRIPT = """
ALTER TABLE eval.profile ADD COLUMN basis jsonb CHECK (jsonb_typeof(basis) = 'object');
COMMENT ON COLUMN eval.profile.basis IS
    'Where nobody judged: the queries it was learned from, of what kinds and how many, when, and what it gained; NULL: a person''s judgments or choice.';

ALTER TABLE ops.query_log
    ADD COLUMN found int CHECK (found >= 0),
    ADD COLUMN word_hits int CHECK (word_hits >= 0),
    ADD COLUMN best_score float8,
    ADD COLUMN weak boolean;
COMMENT ON COLUMN ops.query_log.found IS 'Hits of the page that was answered; NULL: logged by an earlier version.';
COMMENT ON COLUMN ops.query_log.word_hits IS 'Those of them that have words or numbers of the query; NULL: no such leg was run.';
COMMENT ON COLUMN ops.query_log.best_score IS 'Fused score of the first hit; NULL: none.';
COMMENT ON COLUMN ops.query_log.weak IS 'Whether the answer was told to be weak, nothing being near; NULL: not measured.';

CREATE TABLE ops.synonym_proposal (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    collection_id int NOT NULL REFERENCES core.collection ON DELETE CASCADE,
    words         text[] NOT NULL CHECK (cardinality(words) = 2 AND words[1] < words[2] COLLATE "C"),
    origin        text NOT NULL CHECK (origin IN ('vectors', 'log')),
    score         float8 NOT NULL,
    evidence      jsonb NOT NULL CHECK (jsonb_typeof(evidence) = 'object'),
    state         text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'accepted', 'refused')),
    proposed_at   timestamptz NOT NULL DEFAULT now(),
    decided_at    timestamptz CHECK ((decided_at IS NULL) = (state = 'open')),
    UNIQUE (collection_id, words)
);
COMMENT ON TABLE ops.synonym_proposal IS
    'Pairs of words that may mean the same, for a person to accept or refuse; a refused pair is not proposed again.';
COMMENT ON COLUMN ops.synonym_proposal.score IS 'Of vectors the cosine, of the log how many reformulated so; higher is better, within an origin.';
"""


def upgrade() -> None:
    """Apply."""
    execute(SCRIPT)
