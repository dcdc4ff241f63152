-- Items of a collection whose metadata contain an object, wherever they are: here, or on shards.
--   SELECT i.external_id FROM impl.items_having(impl.named_collection('laws'), '{"version_of": "a"}') AS i;
CREATE OR REPLACE FUNCTION impl.items_having(cid int, contained jsonb)
RETURNS SETOF core.item
LANGUAGE plpgsql STABLE ROWS 10
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF impl.is_spread(cid) THEN
        RETURN QUERY SELECT l.* FROM impl.shard_listed(cid, contained::text, 0, NULL, NULL) AS l;
    ELSE
        RETURN QUERY SELECT i.* FROM core.item AS i
        WHERE i.collection_id = cid AND i.metadata @> contained;
    END IF;
END $$;

COMMENT ON FUNCTION impl.items_having(int, jsonb) IS
    'Items of a collection whose metadata contain an object, here or on shards.';
