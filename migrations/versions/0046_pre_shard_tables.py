"""Sharded collections: the shards that a coordinator knows, and which of them has which items.

Revision ID: 0046
Revises: 0045
"""

from __future__ import annotations

from migrations.script import execute

revision = "0046"
down_revision = "0045"

SCRIPT = """
DROP FUNCTION IF EXISTS ops.create_collection(text, text, jsonb, text[], jsonb, jsonb);

CREATE TABLE core.shard (
    id       int PRIMARY KEY CHECK (id BETWEEN 1 AND 8999),
    name     text NOT NULL UNIQUE CHECK (name ~ '^[a-z][a-z0-9_-]{0,40}$'),
    added_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE core.shard IS
    'Databases over which collections of this one, their coordinator, are spread. Where each is, and with what '
    'password, is known to its foreign server (seogo_shard_NAME) and user mapping alone.';
COMMENT ON COLUMN core.shard.id IS
    'Number of the shard: its items have ids from id * 10^12, so that no two shards give the same one.';

CREATE TABLE core.shard_slots (
    collection_id int NOT NULL REFERENCES core.collection ON DELETE CASCADE,
    shard_id      int NOT NULL REFERENCES core.shard,
    slots         int4multirange NOT NULL CHECK (slots <@ '{[0,4096)}'),
    PRIMARY KEY (collection_id, shard_id)
);
COMMENT ON TABLE core.shard_slots IS
    'On a coordinator: the shards of a collection, and the slots (impl.shard_slot) whose items each has.';
CREATE INDEX shard_slots_shard_idx ON core.shard_slots (shard_id);

CREATE TABLE core.shard_home (
    collection_id int PRIMARY KEY REFERENCES core.collection ON DELETE CASCADE,
    slots         int4multirange NOT NULL CHECK (slots <@ '{[0,4096)}')
);
COMMENT ON TABLE core.shard_home IS
    'On a shard: the slots whose items it has. Items of others are refused, whoever writes them.';
"""


def upgrade() -> None:
    """Apply."""
    execute(SCRIPT)
