-- Clicks on the items that a collection has, here or on shards: those on an item that was deleted on its
-- shard, without the coordinator, are left out until maintenance deletes them (ops.forget_searches).
--   SELECT k.query, k.external_id FROM impl.clicks_of(impl.named_collection('parts')) AS k;
CREATE OR REPLACE FUNCTION impl.clicks_of(cid int)
RETURNS SETOF ops.query_click
LANGUAGE plpgsql STABLE ROWS 1000
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF impl.is_spread(cid) THEN
        RETURN QUERY
        SELECT k.* FROM ops.query_click AS k
        JOIN impl.known_items(cid, ARRAY(SELECT DISTINCT o.external_id FROM ops.query_click AS o
                                         WHERE o.collection_id = cid)) AS i ON i.item_id = k.item_id
        WHERE k.collection_id = cid;
    ELSE
        RETURN QUERY SELECT k.* FROM ops.query_click AS k JOIN core.item AS i ON i.id = k.item_id
        WHERE k.collection_id = cid;
    END IF;
END $$;

COMMENT ON FUNCTION impl.clicks_of(int) IS 'Clicks on the items that a collection has, here or on shards.';
