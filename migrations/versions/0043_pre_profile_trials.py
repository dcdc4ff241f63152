"""Trials of fusion profiles that people saved.

Revision ID: 0043
Revises: 0042
"""

from __future__ import annotations

from migrations.script import execute

revision = "0043"
down_revision = "0042"

SCRIPT = """
ALTER TABLE eval.profile ADD COLUMN trial jsonb CHECK (jsonb_typeof(trial) = 'object');
COMMENT ON COLUMN eval.profile.trial IS 'Trial that was asked for and is not over: query_set, source, measure, asked_at; error: why it could not be held.';
"""


def upgrade() -> None:
    """Apply."""
    execute(SCRIPT)
