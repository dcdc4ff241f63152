"""Contradictions of sharded collections are judged by the coordinator: functions of before are gone.

Revision ID: 0057
Revises: 0056
"""

from __future__ import annotations

from migrations.script import execute

revision = "0057"
down_revision = "0056"

SCRIPT = """
DROP FUNCTION IF EXISTS impl.quality_cases(int, text, int);
DROP FUNCTION IF EXISTS impl.judge_cases(text, jsonb, jsonb);
DROP FUNCTION IF EXISTS impl.picture_neighbours;
DROP FUNCTION IF EXISTS impl.unasked_items(text, text, int);
DROP FUNCTION IF EXISTS impl.answer_copies(jsonb);
DROP FUNCTION IF EXISTS impl.sum_unjudged(jsonb, bigint);
DROP FUNCTION IF EXISTS ops.judge_home(text, text, int, jsonb);
DROP FUNCTION IF EXISTS ops.judge_on_shards(int, jsonb, int);
DROP FUNCTION IF EXISTS ops.keep_norm(text, jsonb);
DROP FUNCTION IF EXISTS ops.norm_on_shards(int);

-- The usual of a sharded collection is kept by its coordinator alone.
DELETE FROM ops.quality_norm AS q USING core.shard_home AS h WHERE h.collection_id = q.collection_id;

-- What no run says any more.
UPDATE ops.run SET counts = counts - '{unjudged near_duplicate: not compared with other shards,'
    'unjudged category: not compared with other shards}'::text[]
WHERE kind = 'quality';
"""


def upgrade() -> None:
    """Apply."""
    execute(SCRIPT)
