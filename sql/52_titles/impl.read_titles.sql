-- Brings the titles of items up to date: those that have changed, that no row is there for, or whose
-- collection reads other fields now. Items that are gone lose theirs, unless their collection goes as well.
-- A writer of many folds the counts of the collection at once.
--   SELECT impl.read_titles(ARRAY[1, 2, 3]);
CREATE OR REPLACE FUNCTION impl.read_titles(item_ids bigint[])
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    batch_n CONSTANT int := 4000;  -- bounds the memory of a large COPY
    fold_n CONSTANT int := 4000;  -- rows after which, on average, a writer folds: some 0.1 s
    part bigint[];
    old_ones record;
    new_ones record;
    written bigint;
BEGIN
    FOR start IN 1 .. coalesce(cardinality(item_ids), 0) BY batch_n LOOP
        part := item_ids[start : start + batch_n - 1];
        WITH gone AS (
            DELETE FROM core.title AS t WHERE t.item_id = ANY (part) AND NOT EXISTS (
                SELECT FROM core.item AS i JOIN core.collection AS c ON c.id = i.collection_id
                WHERE i.id = t.item_id AND c.title_fields <> '{}'
                  AND t.recipe = impl.title_recipe(c.title_fields)
                  AND t.titles = impl.item_titles(c.title_fields, i.fields))
            RETURNING t.*
        )
        SELECT array_agg(g.item_id) AS ids, array_agg(g.collection_id) AS cids,
               array_agg(g.titles) AS titles, array_agg(g.recipe) AS recipes INTO old_ones
        FROM gone AS g JOIN core.collection AS c ON c.id = g.collection_id;
        written := CASE WHEN old_ones.ids IS NULL THEN 0 ELSE impl.change_titles(
            old_ones.ids, old_ones.cids, old_ones.titles, old_ones.recipes, -1) END;
        SELECT array_agg(i.id) AS ids, array_agg(i.collection_id) AS cids,
               array_agg(impl.item_titles(c.title_fields, i.fields)) AS titles,
               array_agg(impl.title_recipe(c.title_fields)) AS recipes INTO new_ones
        FROM core.item AS i JOIN core.collection AS c ON c.id = i.collection_id
        WHERE i.id = ANY (part) AND c.title_fields <> '{}'
          AND NOT EXISTS (SELECT FROM core.title AS t WHERE t.item_id = i.id);
        written := written + CASE WHEN new_ones.ids IS NULL THEN 0 ELSE impl.change_titles(
            new_ones.ids, new_ones.cids, new_ones.titles, new_ones.recipes, 1) END;
        IF random() < written::float8 / fold_n THEN
            PERFORM impl.fold_completions(c.id)
            FROM (SELECT DISTINCT unnest(old_ones.cids || new_ones.cids) AS id) AS c;
        END IF;
    END LOOP;
END $$;

COMMENT ON FUNCTION impl.read_titles(bigint[]) IS
    'Brings the titles of items, and what they are counted in, up to date.';
