-- Learns the usual of a sharded collection from all its shards, as one database would, and tells it to each.
-- For ops.learn_quality.
--   SELECT ops.norm_on_shards(impl.named_collection('parts'));
CREATE OR REPLACE FUNCTION ops.norm_on_shards(cid int)
RETURNS void
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM impl.write_on_shards(impl.shards_of(cid), ARRAY[format(
        'SELECT ops.keep_norm(%L, %L)::text', (SELECT c.name FROM core.collection AS c WHERE c.id = cid),
        (SELECT to_jsonb(n) FROM impl.learn_norm(cid) AS n))]);
END $$;

COMMENT ON FUNCTION ops.norm_on_shards(int) IS
    'Learns the usual of a sharded collection from all its shards, and tells it to each.';
