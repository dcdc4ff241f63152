-- Shards of the collections that feed a space, by number.
--   SELECT impl.space_shards('text');
CREATE OR REPLACE FUNCTION impl.space_shards(space text)
RETURNS int[]
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT ARRAY(SELECT DISTINCT l.shard_id FROM core.shard_slots AS l
                 JOIN core.collection AS c ON c.id = l.collection_id
                 WHERE c.vector_sources ? space_shards.space ORDER BY 1)
$$;

COMMENT ON FUNCTION impl.space_shards(text) IS 'Shards of the collections that feed a space.';
