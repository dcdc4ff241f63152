-- Tests whether the copy of a move has joined the part that its target had: the target has the slots of both.
-- From then on the move only goes on.
--   SELECT impl.has_joined(impl.named_collection('parts'), 1);
CREATE OR REPLACE FUNCTION impl.has_joined(cid int, source int)
RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT EXISTS (
        SELECT FROM core.shard_move AS m
        WHERE m.collection_id = has_joined.cid AND m.source_id = has_joined.source AND m.joins
          AND m.slots <@ (impl.part_there(has_joined.cid, m.target_id) ->> 'slots')::int4multirange)
$$;

COMMENT ON FUNCTION impl.has_joined(int, int) IS
    'Tests whether the copy of a move has joined the part that its target had.';
