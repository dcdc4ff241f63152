-- Repairs an index: adds the items that are missing or outdated in it (impl.lexical_stale), and renews their
-- identifiers. Returns how many items there were.
--   SELECT impl.lexical_mend((impl.live_index('parts')).id);
CREATE OR REPLACE FUNCTION impl.lexical_mend(index_id int)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    stale bigint[] := ARRAY(SELECT s.item_id FROM impl.lexical_stale(index_id) AS s ORDER BY s.item_id);
BEGIN
    IF stale <> '{}' THEN
        -- Whoever is writing one of these waits for us, or we for him: the text that is read below is the
        -- last one.
        PERFORM impl.lock_items(stale);
        PERFORM impl.lexical_remove(stale, index_id);
        PERFORM impl.lexical_add(index_id, stale);
        PERFORM impl.refresh_identifiers(stale);
    END IF;
    RETURN cardinality(stale);
END $$;

COMMENT ON FUNCTION impl.lexical_mend(int) IS
    'Adds the items that are missing or outdated in an index; returns how many.';
