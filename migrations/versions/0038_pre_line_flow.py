"""Guesses of products, drift of scores, and versions of manuals.

Revision ID: 0038
Revises: 0037
"""

from __future__ import annotations

from migrations.script import execute

revision = "0038"
down_revision = "0037"

SCRIPT = """
ALTER TABLE core.analysis ADD COLUMN guess jsonb CHECK (jsonb_typeof(guess) = 'object');
COMMENT ON COLUMN core.analysis.guess IS 'Shares of the nearest registered pictures that product and view were guessed by; NULL: both were said.';

CREATE TABLE ops.score_drift (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    bank_id     int NOT NULL REFERENCES core.patch_bank ON DELETE CASCADE,
    measure     text NOT NULL CHECK (measure IN ('calibration', 'before', 'share')),
    n           int NOT NULL CHECK (n > 0),
    reference_n int NOT NULL CHECK (reference_n > 0),
    value       float8 NOT NULL CHECK (value BETWEEN 0 AND 1),
    reference   float8 NOT NULL CHECK (reference BETWEEN 0 AND 1),
    z           float8 NOT NULL,
    alarm       boolean NOT NULL,
    measured_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX score_drift_bank_idx ON ops.score_drift (bank_id, measured_at);
COMMENT ON TABLE ops.score_drift IS 'Scores of recent pictures of a memory bank against those of reference pictures, measured by ops.measure_score_drift.';
"""


def upgrade() -> None:
    """Apply."""
    execute(SCRIPT)
