"""The loop of training: pairs, runs with their curves, and gates.

Revision ID: 0038
Revises: 0037
"""

from __future__ import annotations

from migrations.script import execute

revision = "0038"
down_revision = "0037"

SCRIPT = """
CREATE TABLE ops.training_step (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind        text NOT NULL CHECK (kind IN ('pairs', 'mined', 'changed', 'run', 'gate')),
    name        text NOT NULL CHECK (name <> ''),
    state       text NOT NULL DEFAULT 'running'
                CHECK (state IN ('running', 'done', 'refused', 'failed', 'interrupted')),
    made_from   text[] NOT NULL DEFAULT '{}',
    made        text[] NOT NULL DEFAULT '{}',
    facts       jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(facts) = 'object'),
    refused     jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(refused) = 'object'),
    error       text CHECK (length(error) <= 4000),
    started_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz CHECK ((finished_at IS NULL) = (state = 'running'))
);
CREATE INDEX training_step_made_idx ON ops.training_step USING gin (made);
CREATE INDEX training_step_made_from_idx ON ops.training_step USING gin (made_from);
COMMENT ON TABLE ops.training_step IS
    'Steps of training: pairs made, mined or changed; runs; gates that put a model into service or do not.';
COMMENT ON COLUMN ops.training_step.made IS
    'Digests of what the step made: files of pairs, a model. Steps are linked by them, not by names.';
COMMENT ON COLUMN ops.training_step.refused IS 'What the step left out, by reason: how many.';

CREATE TABLE ops.training_point (
    step_id bigint NOT NULL REFERENCES ops.training_step ON DELETE CASCADE,
    at      int NOT NULL CHECK (at >= 0),
    point   jsonb NOT NULL CHECK (jsonb_typeof(point) = 'object'),
    PRIMARY KEY (step_id, at)
);
COMMENT ON TABLE ops.training_point IS
    'Curves of runs: losses and measures by optimiser step, written while they run.';
"""


def upgrade() -> None:
    """Make the tables."""
    execute(SCRIPT)
