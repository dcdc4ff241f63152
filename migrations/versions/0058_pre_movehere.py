"""Items of a coordinator's own can be moved to shards.

Revision ID: 0058
Revises: 0057
"""

from __future__ import annotations

from migrations.script import execute

revision = "0058"
down_revision = "0057"

SCRIPT = """
-- It has an argument more now.
DROP FUNCTION IF EXISTS impl.shards_of(int);
ALTER TABLE core.shard_move
    DROP CONSTRAINT shard_move_source_id_fkey,
    ADD CONSTRAINT shard_move_source_id_check CHECK (source_id >= 0);
COMMENT ON COLUMN core.shard_move.source_id IS
    'Shard that has the part before; 0: this database, whose own items move away.';
"""


def upgrade() -> None:
    """Apply."""
    execute(SCRIPT)
