-- Number of items of a sharded collection; NULL where a shard does not answer.
--   SELECT impl.spread_items(impl.named_collection('parts'));
CREATE OR REPLACE FUNCTION impl.spread_items(cid int)
RETURNS bigint
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$ SELECT s.items FROM impl.spread_size(cid) AS s $$;

COMMENT ON FUNCTION impl.spread_items(int) IS
    'Number of items of a sharded collection, NULL where a shard does not answer.';
