-- Tests whether a search of vectors goes to shards: where its collection is on some. SG004 for all
-- collections together (NULL) where some are on shards: it would answer without them.
--   SELECT impl.asks_shards(impl.named_collection('parts'));
CREATE OR REPLACE FUNCTION impl.asks_shards(cid int)
RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF cid IS NULL AND EXISTS (SELECT FROM core.shard_slots) THEN
        RAISE EXCEPTION 'all collections cannot be searched at once: some are on shards'
            USING ERRCODE = 'SG004', HINT = 'Name one: collection => ''…''.';
    END IF;
    RETURN cid IS NOT NULL AND impl.is_spread(cid);
END $$;

COMMENT ON FUNCTION impl.asks_shards(int) IS 'Tests whether a search of vectors goes to shards.';
