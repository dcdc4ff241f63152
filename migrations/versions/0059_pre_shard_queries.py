"""Completions are ranked from pools, which shards' are merged into: functions of before are gone.

Revision ID: 0059
Revises: 0058
"""

from __future__ import annotations

from migrations.script import execute

revision = "0059"
down_revision = "0058"

SCRIPT = """
DROP FUNCTION IF EXISTS impl.ranked_completions(int, text, jsonb, jsonpath, int);
DROP FUNCTION IF EXISTS impl.completions_of(int, text, boolean, jsonb, jsonpath, int);
DROP FUNCTION IF EXISTS impl.shard_suggestions(text, text, int, text);
"""


def upgrade() -> None:
    """Apply."""
    execute(SCRIPT)
