-- Queues the pictures of a sharded collection to be read again, as ops.read_again, for which it is. Returns
-- how many.
--   SELECT ops.read_on_shards(impl.named_collection('parts'), 'ocr', 'auto');
CREATE OR REPLACE FUNCTION ops.read_on_shards(cid int, kind text, reader text)
RETURNS bigint
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN impl.counted_on_shards(impl.shards_of(cid), ARRAY[format(
        'SELECT ops.read_again(%L, %L, %L)::text',
        (SELECT c.name FROM core.collection AS c WHERE c.id = cid),
        read_on_shards.kind, read_on_shards.reader)]);
END $$;

COMMENT ON FUNCTION ops.read_on_shards(int, text, text) IS
    'Queues the pictures of a sharded collection for another reader.';
