-- Adds the next items after an id to an index that is being built beside the live one. Returns the last id
-- read, NULL at the end. The rows are share-locked during the step, so that nobody changes them half-way;
-- rows locked by a writer are skipped: that writer indexes them.
--   SELECT impl.lexical_build_step(2, 0, 1000);
CREATE OR REPLACE FUNCTION impl.lexical_build_step(index_id int, after_id bigint, batch_n int)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    ids bigint[];
BEGIN
    ids := ARRAY(
        SELECT i.id FROM core.item AS i JOIN core.lexical_index AS x ON x.collection_id = i.collection_id
        WHERE x.id = lexical_build_step.index_id AND i.id > after_id
        ORDER BY i.id LIMIT batch_n FOR SHARE OF i SKIP LOCKED);
    PERFORM impl.lexical_add(lexical_build_step.index_id, ids);
    RETURN ids[cardinality(ids)];
END $$;

COMMENT ON FUNCTION impl.lexical_build_step(int, bigint, int) IS
    'Indexes the next items into an index that is being built.';
