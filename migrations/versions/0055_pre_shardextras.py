"""Parts of sharded collections with all that hangs on items: citations and contradictions over shards.

Revision ID: 0055
Revises: 0054
"""

from __future__ import annotations

from migrations.script import execute

revision = "0055"
down_revision = "0054"

SCRIPT = """
-- The other item may be on another shard; here impl.item_after_delete sees to it as these did.
ALTER TABLE core.citation DROP CONSTRAINT IF EXISTS citation_cited_id_fkey;
ALTER TABLE ops.contradiction DROP CONSTRAINT IF EXISTS contradiction_other_item_id_fkey;
COMMENT ON COLUMN core.citation.cited_id IS 'The item that is cited; of a sharded collection perhaps on another shard.';
COMMENT ON COLUMN ops.contradiction.other_item_id IS
    'The item that contradicts it, where there is one; of a sharded collection perhaps on another shard.';

-- A part may move to a shard that has one: it is filled as a collection of its own, and joins the other at the switch.
DROP FUNCTION IF EXISTS ops.home_part(text, int4multirange, jsonb, int, uuid);
DROP FUNCTION IF EXISTS impl.part_there(int, int);
ALTER TABLE core.shard_move ADD COLUMN joins boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN core.shard_move.joins IS 'The target had a part of the collection, which the one that moves joins.';
ALTER TABLE core.shard_home ADD COLUMN into_id int REFERENCES core.collection ON DELETE CASCADE;
CREATE INDEX shard_home_into_idx ON core.shard_home (into_id);
COMMENT ON COLUMN core.shard_home.into_id IS
    'The collection whose part here this copy is to join when its move is switched; NULL: it is to be one itself.';

-- Of shards, as ids of items and pictures are: known to their coordinators by these.
DO $$
DECLARE
    low CONSTANT bigint := (SELECT s.seqmin FROM pg_sequence AS s
                            WHERE s.seqrelid = pg_get_serial_sequence('core.item', 'id')::regclass);
BEGIN
    IF low > 1 THEN
        EXECUTE format('ALTER TABLE ops.contradiction ALTER COLUMN id SET START %s SET MINVALUE %s SET MAXVALUE %s '
                       'RESTART', low, low, low + 999999999999);
        UPDATE ops.contradiction SET id = DEFAULT;
    END IF;
END $$;
"""


def upgrade() -> None:
    """Apply."""
    execute(SCRIPT)
