-- Items of a collection in the order of their ids, behind one, wherever they are: here, or on shards, of
-- which they are read page by page. For evaluation, tuning and training, which read whole collections.
--   SELECT i.external_id FROM impl.items_of(impl.named_collection('parts'), 0, 10) AS i;
CREATE OR REPLACE FUNCTION impl.items_of(cid int, after bigint DEFAULT 0, limit_n bigint DEFAULT NULL)
RETURNS SETOF core.item
LANGUAGE plpgsql STABLE ROWS 1000
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT impl.is_spread(cid) THEN
        RETURN QUERY SELECT i.* FROM core.item AS i
        WHERE i.collection_id = cid AND i.id > items_of.after ORDER BY i.id LIMIT items_of.limit_n;
    ELSIF limit_n IS NOT NULL THEN
        RETURN QUERY SELECT l.* FROM impl.shard_listed(cid, NULL, items_of.after, NULL, items_of.limit_n) AS l
        ORDER BY l.id LIMIT items_of.limit_n;
    ELSE
        RETURN QUERY SELECT i.* FROM impl.shard_pages(cid, '{"do": "listed", "limit": 1000}') AS p
        CROSS JOIN LATERAL jsonb_array_elements(p) AS r
        CROSS JOIN LATERAL jsonb_populate_record(
            NULL::core.item, r || jsonb_build_object('collection_id', cid)) AS i
        WHERE i.id > items_of.after ORDER BY i.id;
    END IF;
END $$;

COMMENT ON FUNCTION impl.items_of(int, bigint, bigint) IS
    'Items of a collection in the order of their ids, here or on shards.';
