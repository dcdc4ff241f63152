-- Contribution of each leg of a run: of the relevant items of its queries, how many it ranks among its first
-- k (first_k), deeper (deeper), or not at all (lost); and how many it alone ranks among its first k (alone).
--   SELECT * FROM eval.leg_table(1);
CREATE OR REPLACE FUNCTION eval.leg_table(
    run_id int,
    source text DEFAULT NULL,
    k int DEFAULT 10,
    min_grade int DEFAULT 1)
RETURNS TABLE (leg text, pairs int, first_k int, deeper int, lost int, alone int)
LANGUAGE sql STABLE ROWS 10
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT g.leg, count(*)::int, count(*) FILTER (WHERE g.rank <= k)::int,
           count(*) FILTER (WHERE g.rank > k)::int,
           count(*) FILTER (WHERE g.rank IS NULL)::int,
           count(*) FILTER (WHERE g.rank <= k AND NOT EXISTS (
               SELECT FROM jsonb_each_text(b.legs) AS o WHERE o.key <> g.leg AND o.value::int <= k))::int
    FROM impl.placed_pairs(impl.evaluation_run(leg_table.run_id), leg_table.source, leg_table.k,
                           leg_table.min_grade) AS b
    CROSS JOIN LATERAL (SELECT l.key AS leg, l.value::int AS rank FROM jsonb_each_text(b.legs) AS l) AS g
    GROUP BY g.leg
    ORDER BY g.leg
$$;

COMMENT ON FUNCTION eval.leg_table(int, text, int, int) IS
    'Per leg of a run: relevant items among its first k, deeper, not at all, and among the first k of this '
    'leg alone.';
