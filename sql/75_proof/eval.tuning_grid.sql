-- Grid that `seogo tune` tried for a decision: the mean of the measure over all judged queries under each
-- weighting of the legs (weighting: its number; weights: {leg: weight}, in [0, 1]) and each way of scaling
-- (scaling: `rrf 60` and the like, minmax, zscore). best: no cell has more. These are the queries that were
-- learned from: the held-out figures of the decision are lower, and honest. Ordered by weighting and scaling.
--   SELECT scaling, weights, value FROM eval.tuning_grid(1) WHERE best;
CREATE OR REPLACE FUNCTION eval.tuning_grid(decision_id int)
RETURNS TABLE (weighting int, weights jsonb, scaling text, value float8, best boolean)
LANGUAGE plpgsql STABLE ROWS 280
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    decided CONSTANT eval.decision := (SELECT d FROM eval.decision AS d WHERE d.id = decision_id);
    grid CONSTANT jsonb := decided.figures -> 'grid';
BEGIN
    IF decided.id IS NULL THEN
        RAISE EXCEPTION 'unknown decision: %', coalesce(decision_id::text, '(null)')
            USING ERRCODE = 'SG001', HINT = 'Decisions are rows of eval.decisions.';
    ELSIF grid IS NULL THEN
        RAISE EXCEPTION 'decision % has no grid', decision_id
            USING ERRCODE = 'SG001', HINT = '`seogo tune` keeps one for each fusion it learns.';
    END IF;
    RETURN QUERY
    SELECT w.at::int,
           (SELECT jsonb_object_agg(l.leg, w.shares -> (l.at - 1)::int)
            FROM jsonb_array_elements_text(grid -> 'legs') WITH ORDINALITY AS l(leg, at)),
           s.scaling, c.value, c.value >= max(c.value) OVER ()
    FROM jsonb_array_elements(grid -> 'weightings') WITH ORDINALITY AS w(shares, at)
    CROSS JOIN jsonb_array_elements_text(grid -> 'scalings') WITH ORDINALITY AS s(scaling, at)
    CROSS JOIN LATERAL (
        SELECT (grid #>> ARRAY['values', (w.at - 1)::text, (s.at - 1)::text])::float8) AS c(value)
    ORDER BY w.at, s.at;
END $$;

COMMENT ON FUNCTION eval.tuning_grid(int) IS
    'Values of the grid of weights and scalings that a fusion was tuned on, by the number of the decision.';
