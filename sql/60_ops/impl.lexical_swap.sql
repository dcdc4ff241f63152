-- Makes a built index the live one and drops the old. Writers wait for the moment it takes to index what is
-- missing or stale (a writer whose snapshot is older than the index does not know of it); readers do not.
-- Returns how many items had to be mended.
--   SELECT impl.lexical_swap(2);
CREATE OR REPLACE FUNCTION impl.lexical_swap(index_id int)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    cid int;
    mended bigint[];
    gone bigint[];
BEGIN
    LOCK TABLE core.item IN SHARE ROW EXCLUSIVE MODE;
    SELECT x.collection_id INTO cid FROM core.lexical_index AS x WHERE x.id = lexical_swap.index_id AND x.status = 'building';
    IF cid IS NULL THEN
        RETURN 0;
    END IF;
    gone := ARRAY(SELECT d.item_id FROM core.lexdoc AS d WHERE d.index_id = lexical_swap.index_id
                  AND NOT EXISTS (SELECT FROM core.item AS i WHERE i.id = d.item_id));
    mended := ARRAY(
        SELECT i.id FROM core.item AS i LEFT JOIN core.lexdoc AS d ON d.item_id = i.id AND d.index_id = lexical_swap.index_id
        WHERE i.collection_id = cid AND d.fields_hash IS DISTINCT FROM md5((i.fields || i.picture_fields)::text)::uuid);
    PERFORM impl.lexical_remove(mended || gone, lexical_swap.index_id);
    PERFORM impl.lexical_add(lexical_swap.index_id, mended);
    DELETE FROM core.lexical_index AS x WHERE x.collection_id = cid AND x.status = 'live';
    UPDATE core.lexical_index AS x SET status = 'live' WHERE x.id = lexical_swap.index_id;
    RETURN cardinality(mended || gone);
END $$;

COMMENT ON FUNCTION impl.lexical_swap(int) IS 'Puts a built lexical index in place of the live one.';
