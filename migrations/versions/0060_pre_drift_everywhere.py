"""Generations are compared over shards too: functions of before are gone.

Revision ID: 0060
Revises: 0059
"""

from __future__ import annotations

from migrations.script import execute

revision = "0060"
down_revision = "0059"

SCRIPT = """
DROP FUNCTION IF EXISTS impl.probe_pairs(ops.space, ops.space, bigint, pgvector.halfvec, pgvector.halfvec,
                                         bigint[], text);
DROP FUNCTION IF EXISTS impl.parts_requested(jsonb);
DROP FUNCTION IF EXISTS impl.progress_away(ops.space);
"""


def upgrade() -> None:
    """Apply."""
    execute(SCRIPT)
