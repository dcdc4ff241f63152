"""Clicks on items that are on shards: kept where the query log is, without the key to the item.

Revision ID: 0056
Revises: 0055
"""

from __future__ import annotations

from migrations.script import execute

revision = "0056"
down_revision = "0055"

SCRIPT = """
-- The item may be on a shard; of one that was here impl.item_after_delete sees to it as the key did.
ALTER TABLE ops.query_click
    DROP CONSTRAINT IF EXISTS query_click_item_id_fkey,
    ADD COLUMN collection_id int REFERENCES core.collection ON DELETE CASCADE,
    ADD COLUMN external_id text;
-- What a move has left behind takes no changes, for which this is none.
ALTER TABLE ops.query_click DISABLE TRIGGER USER;
UPDATE ops.query_click AS k SET collection_id = i.collection_id, external_id = i.external_id
FROM core.item AS i WHERE i.id = k.item_id;
ALTER TABLE ops.query_click ENABLE TRIGGER USER;
ALTER TABLE ops.query_click ALTER collection_id SET NOT NULL, ALTER external_id SET NOT NULL;
CREATE INDEX query_click_collection_idx ON ops.query_click (collection_id);
COMMENT ON COLUMN ops.query_click.item_id IS 'The item that was opened; of a sharded collection it is on a shard.';
COMMENT ON COLUMN ops.query_click.external_id IS 'Its name when it was opened.';
"""


def upgrade() -> None:
    """Apply."""
    execute(SCRIPT)
