-- The curve of a training run behind an optimiser step, in order: losses, learning rate, measures. Ask again
-- with the last `at` for what came since; a run that is not there has no points.
--   SELECT at, point ->> 'loss' AS loss, point ->> 'nDCG@10' AS ndcg FROM search.training_curve(1);
CREATE OR REPLACE FUNCTION search.training_curve(step_id bigint, after int DEFAULT -1)
RETURNS TABLE (at int, point jsonb)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 200
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT p.at, p.point FROM ops.training_point AS p
    WHERE p.step_id = training_curve.step_id AND p.at > training_curve.after
    ORDER BY p.at
$$;

COMMENT ON FUNCTION search.training_curve(bigint, int) IS
    'Losses and measures of a training run by optimiser step.';
