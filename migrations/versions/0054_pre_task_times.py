"""Times of tasks that people set; proposed synonyms are decided in the list of all proposals alone.

Revision ID: 0054
Revises: 0053
"""

from __future__ import annotations

from migrations.script import execute

revision = "0054"
down_revision = "0053"

SCRIPT = """
DROP FUNCTION IF EXISTS ops.proposed_synonyms(text, text, int);
DROP FUNCTION IF EXISTS ops.decide_synonym(bigint, boolean);

CREATE TABLE ops.task_time (
    task     text PRIMARY KEY CHECK (task ~ '^[a-z][a-z_]{0,62}$'),
    cron     text,
    settings text,
    set_at   timestamptz
);
COMMENT ON TABLE ops.task_time IS
    'When tasks of the schedule are due, as cron expressions in UTC or off. cron: set by a person, at set_at, and '
    'before all settings; settings: of the scheduler that started last.';
"""


def upgrade() -> None:
    """Apply."""
    execute(SCRIPT)
