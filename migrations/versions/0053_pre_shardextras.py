"""Parts of sharded collections with all that hangs on items: citations and contradictions over shards.

Revision ID: 0053
Revises: 0052
"""

from __future__ import annotations

from migrations.script import execute

revision = "0053"
down_revision = "0052"

SCRIPT = """
-- The other item may be on another shard; here impl.item_after_delete sees to it as these did.
ALTER TABLE core.citation DROP CONSTRAINT IF EXISTS citation_cited_id_fkey;
ALTER TABLE ops.contradiction DROP CONSTRAINT IF EXISTS contradiction_other_item_id_fkey;
COMMENT ON COLUMN core.citation.cited_id IS 'The item that is cited; of a sharded collection perhaps on another shard.';
COMMENT ON COLUMN ops.contradiction.other_item_id IS
    'The item that contradicts it, where there is one; of a sharded collection perhaps on another shard.';

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
