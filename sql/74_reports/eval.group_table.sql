-- Relevant items of a run by a value of their metadata, such as the maker: the number of items in the
-- collection with it, the number of relevant ones, of queries, of those found among the first k, and their
-- share. band: values in order of frequency in the collection; frequent: up to half of the items, middle: up
-- to four fifths, rare: the others. Items without the value are left out. path: the key, or keys separated by
-- dots. Most frequent values first.
--   SELECT band, sum(pairs) AS pairs, sum(found) / sum(pairs)::float8 AS share
--       FROM eval.group_table(1, 'maker') GROUP BY band;
CREATE OR REPLACE FUNCTION eval.group_table(
    run_id int,
    path text,
    source text DEFAULT NULL,
    k int DEFAULT 10,
    min_grade int DEFAULT 1)
RETURNS TABLE (value text, band text, items int, pairs int, queries int, found int, share float8)
LANGUAGE sql STABLE ROWS 100
SET search_path = pg_catalog, pg_temp
AS $$
    WITH item AS MATERIALIZED (
        SELECT i.external_id, i.metadata #>> string_to_array(group_table.path, '.') AS value
        FROM impl.items_of((impl.evaluation_run(group_table.run_id)).collection_id) AS i
    ),
    frequency AS (
        SELECT f.value, f.items,
               (sum(f.items) OVER (ORDER BY f.items DESC, f.value COLLATE "C") - f.items)
                   / sum(f.items) OVER () AS before
        FROM (SELECT i.value, count(*) AS items FROM item AS i WHERE i.value IS NOT NULL
              GROUP BY i.value) AS f
    )
    SELECT f.value, CASE WHEN f.before < 0.5 THEN 'frequent' WHEN f.before < 0.8 THEN 'middle'
                         ELSE 'rare' END, f.items::int,
           count(*)::int, count(DISTINCT b.query_id)::int, count(*) FILTER (WHERE b.verdict = 'found')::int,
           avg((b.verdict = 'found')::int)::float8
    FROM eval.blame(group_table.run_id, group_table.source, group_table.k, group_table.min_grade) AS b
    JOIN item AS i ON i.external_id = b.external_id
    JOIN frequency AS f ON f.value = i.value
    GROUP BY f.value, f.items, f.before
    ORDER BY f.items DESC, f.value COLLATE "C"
$$;

COMMENT ON FUNCTION eval.group_table(int, text, text, int, int) IS
    'Relevant items of a run by a metadata value, such as the maker, with its frequency, and the share '
    'found.';
