"""Moves of parts of sharded collections: what a shard is to a part, and which moves are under way.

Revision ID: 0052
Revises: 0051
"""

from __future__ import annotations

from migrations.script import execute

revision = "0052"
down_revision = "0051"

SCRIPT = """
ALTER TABLE core.shard_home
    ADD COLUMN state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'filling', 'closed', 'left')),
    ADD COLUMN peers int[] NOT NULL DEFAULT '{}',
    ADD COLUMN mover uuid;
COMMENT ON COLUMN core.shard_home.state IS
    'open: asked and written. filling: a copy that nobody sees yet. closed: asked, writes wait for the end of a '
    'move. left: the kept copy of what has moved, which nobody is to ask or write any more.';
COMMENT ON COLUMN core.shard_home.peers IS
    'Numbers of the shards that the part moves to, or has moved to; on a copy that of the one it comes from.';
COMMENT ON COLUMN core.shard_home.mover IS 'The move that fills this copy; another one may not.';

CREATE TABLE core.shard_move (
    collection_id int NOT NULL REFERENCES core.collection ON DELETE CASCADE,
    source_id     int NOT NULL REFERENCES core.shard,
    target_id     int NOT NULL REFERENCES core.shard,
    slots         int4multirange NOT NULL CHECK (slots <@ '{[0,4096)}'),
    mover         uuid NOT NULL,
    started_at    timestamptz NOT NULL DEFAULT now(),
    switched_at   timestamptz,
    PRIMARY KEY (collection_id, target_id)
);
COMMENT ON TABLE core.shard_move IS
    'On a coordinator: moves under way of the part of a collection from one shard, a row for each that takes some '
    'of its slots; switched_at: since when these are asked instead.';
CREATE INDEX shard_move_source_idx ON core.shard_move (source_id);
"""


def upgrade() -> None:
    """Apply."""
    execute(SCRIPT)
