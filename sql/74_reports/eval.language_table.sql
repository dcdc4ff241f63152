-- Relevant items of a run by the language of the query and of the item: their number, the number of queries,
-- of those found among the first k, and their share. A query by item has the language of the item; items
-- unknown to the collection are left out.
--   SELECT * FROM eval.language_table(1);
CREATE OR REPLACE FUNCTION eval.language_table(
    run_id int,
    source text DEFAULT NULL,
    k int DEFAULT 10,
    min_grade int DEFAULT 1)
RETURNS TABLE (query_language text, item_language text, pairs int, queries int, found int, share float8)
LANGUAGE sql STABLE ROWS 9
SET search_path = pg_catalog, pg_temp
AS $$
    WITH run AS (SELECT (impl.evaluation_run(language_table.run_id)).*),
    pair AS (
        SELECT b.query_id, b.external_id, b.verdict = 'found' AS found
        FROM eval.blame(language_table.run_id, language_table.source, language_table.k,
                        language_table.min_grade) AS b
        WHERE b.verdict <> 'absent'
    ),
    item AS MATERIALIZED (
        SELECT i.external_id,
               impl.language_of(
                   impl.query_text_of(i, NULL, run.settings #> '{lexical,field_weights}')) AS language
        FROM run CROSS JOIN LATERAL impl.named_items(run.collection_id, ARRAY(
            SELECT p.external_id FROM pair AS p UNION
            SELECT q.item FROM eval.query AS q
            WHERE q.set_id = run.set_id AND q.text IS NULL AND q.item IS NOT NULL)) AS i
    )
    SELECT coalesce(impl.language_of(q.text), own.language, 'other'), coalesce(i.language, 'other'),
           count(*)::int,
           count(DISTINCT p.query_id)::int, count(*) FILTER (WHERE p.found)::int, avg(p.found::int)::float8
    FROM pair AS p
    JOIN eval.query AS q ON q.id = p.query_id
    LEFT JOIN item AS i ON i.external_id = p.external_id
    LEFT JOIN item AS own ON own.external_id = q.item
    GROUP BY 1, 2
    ORDER BY 1, 2
$$;

COMMENT ON FUNCTION eval.language_table(int, text, int, int) IS
    'Relevant items of a run by language of query and item, and the share found: does a Korean query find '
    'English items?';
