-- Tests whether the items of a collection are on shards.
--   SELECT impl.is_spread(impl.named_collection('parts'));
CREATE OR REPLACE FUNCTION impl.is_spread(cid int)
RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$ SELECT EXISTS (SELECT FROM core.shard_slots AS s WHERE s.collection_id = cid) $$;

COMMENT ON FUNCTION impl.is_spread(int) IS 'Tests whether the items of a collection are on shards.';
