-- Queues failed work on the shards of a collection, or on all, again at once, as ops.retry_failed, for which
-- it is. Returns how many.
--   SELECT ops.retry_on_shards(impl.named_collection('parts'), NULL, 'vectors');
CREATE OR REPLACE FUNCTION ops.retry_on_shards(cid int, space text, kind text)
RETURNS bigint
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN impl.counted_on_shards(impl.shards_of(cid), ARRAY[format(
        'SELECT ops.retry_failed(%L, %L, %L)::text',
        (SELECT c.name FROM core.collection AS c WHERE c.id = cid),
        retry_on_shards.space, retry_on_shards.kind)]);
END $$;

COMMENT ON FUNCTION ops.retry_on_shards(int, text, text) IS 'Queues failed work on shards again at once.';
