-- Runs a statement of one text on all shards of a collection, in a transaction each that is committed when
-- all have succeeded (impl.write_on_shards): settings that must be the same everywhere. SG004 while the
-- collection is being moved. For owners and administrators.
--   SELECT * FROM ops.tell_shards(impl.named_collection('parts'), 'SELECT 1::text');
CREATE OR REPLACE FUNCTION ops.tell_shards(cid int, statement text)
RETURNS TABLE (shard text, answer text)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM impl.refuse_moving(cid);
    RETURN QUERY SELECT w.* FROM impl.write_on_shards(impl.shards_of(cid), ARRAY[statement]) AS w;
END $$;

COMMENT ON FUNCTION ops.tell_shards(int, text) IS 'Runs a statement on all shards of a collection.';
