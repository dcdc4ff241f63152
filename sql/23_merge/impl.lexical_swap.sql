-- Makes a built index the live one and deletes the old one. Writers wait while missing or stale items are
-- indexed (a writer with a snapshot older than the index does not know of it); readers do not wait. Returns
-- how many items were repaired.
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
    PERFORM impl.store_synonym_terms(g.id) FROM core.synonym_group AS g WHERE g.collection_id = cid;
    RETURN mended;
END $$;

COMMENT ON FUNCTION impl.lexical_swap(int) IS 'Replaces the live lexical index by a built one.';
