-- Items by id, wherever they are: here, or on shards. No SET: inlined into the calling statement.
--   SELECT i.external_id FROM impl.item_rows('{1,2}') AS i;
CREATE OR REPLACE FUNCTION impl.item_rows(ids bigint[])
RETURNS SETOF core.item
LANGUAGE sql STABLE ROWS 10
AS $$
    SELECT i.* FROM core.item AS i WHERE i.id = ANY (ids)
    UNION ALL
    SELECT s.* FROM impl.shard_items(ids) AS s
$$;

COMMENT ON FUNCTION impl.item_rows(bigint[]) IS 'Items by id, here or on shards.';
