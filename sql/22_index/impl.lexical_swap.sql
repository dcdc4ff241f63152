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
    mended bigint;
BEGIN
    LOCK TABLE core.item IN SHARE ROW EXCLUSIVE MODE;
    SELECT x.collection_id INTO cid FROM core.lexical_index AS x
    WHERE x.id = lexical_swap.index_id AND x.status = 'building';
    IF cid IS NULL THEN
        RETURN 0;
    END IF;
    mended := impl.lexical_mend(index_id);
    DELETE FROM core.lexical_index AS x WHERE x.collection_id = cid AND x.status = 'live';
    UPDATE core.lexical_index AS x SET status = 'live' WHERE x.id = lexical_swap.index_id;
    RETURN mended;
END $$;

COMMENT ON FUNCTION impl.lexical_swap(int) IS 'Puts a built lexical index in place of the live one.';
