-- Causes of loss over all queries of a run: relevant items per verdict of eval.blame, in how many queries,
-- and their share of all. Verdicts without an item are left out; most frequent first.
--   SELECT * FROM eval.blame_table(1);
CREATE OR REPLACE FUNCTION eval.blame_table(
    run_id int,
    source text DEFAULT NULL,
    k int DEFAULT 10,
    min_grade int DEFAULT 1)
RETURNS TABLE (verdict text, pairs int, queries int, share float8)
LANGUAGE sql STABLE ROWS 10
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT b.verdict, count(*)::int, count(DISTINCT b.query_id)::int,
           count(*)::float8 / sum(count(*)) OVER ()::float8
    FROM eval.blame(blame_table.run_id, blame_table.source, blame_table.k, blame_table.min_grade) AS b
    GROUP BY b.verdict
    ORDER BY count(*) DESC, b.verdict
$$;

COMMENT ON FUNCTION eval.blame_table(int, text, int, int) IS
    'Relevant items of a run by the cause of their loss.';
