-- Items of a collection in the order of their ids, behind one, wherever they are: here, or on shards, of
-- which they are read page by page. For evaluation and tuning, which read whole collections.
--   SELECT i.external_id FROM impl.items_of(impl.named_collection('parts'), 0, 10) AS i;
CREATE OR REPLACE FUNCTION impl.items_of(cid int, after bigint DEFAULT 0, limit_n bigint DEFAULT NULL)
RETURNS SETOF core.item
LANGUAGE plpgsql STABLE ROWS 1000
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    page_n CONSTANT bigint := 1000;
    last bigint := after;
    wanted bigint := limit_n;
    n bigint;
    found bigint;
    item core.item;
BEGIN
    IF NOT impl.is_spread(cid) THEN
        RETURN QUERY SELECT i.* FROM core.item AS i
        WHERE i.collection_id = cid AND i.id > items_of.after ORDER BY i.id LIMIT items_of.limit_n;
        RETURN;
    END IF;
    LOOP
        n := least(page_n, wanted);
        found := 0;
        FOR item IN SELECT l.* FROM impl.shard_listed(cid, NULL, last, NULL, n) AS l ORDER BY l.id LIMIT n
        LOOP
            RETURN NEXT item;
            last := item.id;
            found := found + 1;
        END LOOP;
        wanted := wanted - found;
        EXIT WHEN found < n OR wanted = 0;
    END LOOP;
END $$;

COMMENT ON FUNCTION impl.items_of(int, bigint, bigint) IS
    'Items of a collection in the order of their ids, here or on shards.';
