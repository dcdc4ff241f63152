-- Tests whether a search of vectors goes to shards: where its collection is on some; for all collections
-- together (NULL), where any is. Not where a coordinator asks for what is here (impl.outside).
--   SELECT impl.asks_shards(impl.named_collection('parts'));
CREATE OR REPLACE FUNCTION impl.asks_shards(cid int)
RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE WHEN cid IS NULL THEN impl.outside('own') IS NULL AND EXISTS (SELECT FROM core.shard_slots)
                ELSE impl.is_spread(cid) END
$$;

COMMENT ON FUNCTION impl.asks_shards(int) IS 'Tests whether a search of vectors goes to shards.';
