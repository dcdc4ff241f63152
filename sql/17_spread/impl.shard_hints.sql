-- Statistics that go along with a question about a query (impl.outside): of all shards; of a collection on
-- one shard only the words as the coordinator reads them, since what that shard counts is all there is.
--   SELECT impl.shard_hints(impl.named_collection('parts'), '진공 펌프', NULL);
CREATE OR REPLACE FUNCTION impl.shard_hints(cid int, query text, filter text)
RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF cardinality(impl.shards_of(cid)) = 1 THEN
        RETURN impl.shard_words(cid, query);
    END IF;
    RETURN impl.shard_statistics(cid, query, filter);
END $$;

COMMENT ON FUNCTION impl.shard_hints(int, text, text) IS
    'Statistics that go along with a question about a query to shards.';
