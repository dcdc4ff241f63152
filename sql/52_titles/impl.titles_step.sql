-- Reads the titles of the next items of a collection after an id, where they are missing or of other fields.
-- Returns the last id read, NULL at the end; then, if nothing is left, the collection is no longer stale.
-- Rows are share-locked during the step; those that a writer holds are left to him. Where suggestions are
-- off, takes titles away instead.
--   SELECT impl.titles_step(1, 0, 4000);
CREATE OR REPLACE FUNCTION impl.titles_step(cid int, after_id bigint, batch_n int)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    wanted CONSTANT text := (SELECT impl.title_recipe(nullif(c.title_fields, '{}')) FROM core.collection AS c
                             WHERE c.id = cid);
    ids bigint[];
BEGIN
    IF wanted IS NULL THEN
        ids := ARRAY(SELECT t.item_id FROM core.title AS t
                     WHERE t.collection_id = cid AND t.item_id > after_id ORDER BY t.item_id LIMIT batch_n);
    ELSE
        ids := ARRAY(
            SELECT i.id FROM core.item AS i
            WHERE i.collection_id = cid AND i.id > after_id AND NOT EXISTS (
                SELECT FROM core.title AS t WHERE t.item_id = i.id AND t.recipe = wanted)
            ORDER BY i.id LIMIT batch_n FOR SHARE OF i SKIP LOCKED);
    END IF;
    PERFORM impl.read_titles(ids);
    IF ids = '{}' THEN
        UPDATE core.collection AS c SET titles_stale = false
        WHERE c.id = cid AND c.titles_stale AND wanted IS NOT DISTINCT FROM
              impl.title_recipe(nullif(c.title_fields, '{}'))
          AND NOT EXISTS (SELECT FROM core.item AS i
                          LEFT JOIN core.title AS t ON t.item_id = i.id AND t.recipe = wanted
                          WHERE i.collection_id = cid AND t.item_id IS NULL AND wanted IS NOT NULL);
    END IF;
    RETURN ids[cardinality(ids)];
END $$;

COMMENT ON FUNCTION impl.titles_step(int, bigint, int) IS
    'Reads the titles of the next items of a collection whose titles are stale.';
