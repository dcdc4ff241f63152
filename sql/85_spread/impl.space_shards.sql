-- Shards of the collections that feed a space, by number. SG004 while one of these is being moved: what is
-- told to the shards would not reach the copy.
--   SELECT impl.space_shards('text');
CREATE OR REPLACE FUNCTION impl.space_shards(space text)
RETURNS int[]
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM impl.refuse_moving(c.id) FROM core.collection AS c
    WHERE c.vector_sources ? space_shards.space;
    RETURN ARRAY(SELECT DISTINCT l.shard_id FROM core.shard_slots AS l
                 JOIN core.collection AS c ON c.id = l.collection_id
                 WHERE c.vector_sources ? space_shards.space ORDER BY 1);
END $$;

COMMENT ON FUNCTION impl.space_shards(text) IS 'Shards of the collections that feed a space.';
