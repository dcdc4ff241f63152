-- Ids of the items of a collection that pass a filter, at most limit_n of them (NULL: all). impl.parse_filter
-- rejects paths that fail on some metadata: the index reads the metadata of all collections.
--   SELECT impl.matching_items(1, '{"in_stock": true}', NULL, 100);
CREATE OR REPLACE FUNCTION impl.matching_items(cid int, contains jsonb, path jsonpath, limit_n int)
RETURNS bigint[]
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
AS $$
DECLARE
    found bigint[];
BEGIN
    -- Put together from constants, so that the planner sees which filter there is and can use its index.
    EXECUTE format('SELECT ARRAY(SELECT i.id FROM core.item AS i WHERE %s LIMIT $4)',
                   concat_ws(' AND ', 'true',
        CASE WHEN cid IS NOT NULL THEN 'i.collection_id = $1' END,
        CASE WHEN contains IS NOT NULL THEN 'i.metadata @> $2' END,
        -- By the index, but for dates, whose time zones it takes impl.fits to reconcile.
        CASE WHEN path::text ~ E'\\.(date|time)[a-z_]*\\(' THEN 'impl.fits(i.metadata, NULL, $3)'
             WHEN path IS NOT NULL THEN 'i.metadata @@ $3' END))
        INTO found USING cid, contains, path, limit_n;
    RETURN found;
END $$;

COMMENT ON FUNCTION impl.matching_items(int, jsonb, jsonpath, int) IS
    'Items that pass a filter, as an array.';
