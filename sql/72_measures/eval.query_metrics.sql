-- Measures of a run, query by query. Higher is better, all in [0, 1]; impl.measured computes them. Every
-- query of the set with a judgment from the source is listed; one without an answer has 0. measures: as
-- ir_measures spells them (impl.measure); source NULL: the only one there is. R@1000 uses the first 1000 of
-- all stored items, whatever the run's k; a measure without a depth, such as AP, the first k.
--   SELECT * FROM eval.query_metrics(1, '{nDCG@10,R@5}');
CREATE OR REPLACE FUNCTION eval.query_metrics(
    run_id int,
    measures text[] DEFAULT NULL,
    source text DEFAULT NULL)
RETURNS TABLE (query_id bigint, query text, categories text[], measure text, value float8)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 1000
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    run CONSTANT eval.run := impl.evaluation_run(run_id);
    truth CONSTANT text := impl.judgment_source(run.set_id, source);
BEGIN
    RETURN QUERY
    WITH wanted AS MATERIALIZED (
        SELECT m.name, m.at, p.kind, p.k, p.rel, p.exponential
        FROM unnest(coalesce(measures, impl.default_measures())) WITH ORDINALITY AS m(name, at)
        CROSS JOIN LATERAL impl.measure(m.name) AS p
    )
    SELECT q.id, q.external_id, q.categories, w.name,
           impl.measured(w.kind, coalesce(w.k, run.k), w.rel, w.exponential, g.grades, g.judged)
    FROM impl.graded(run, truth) AS g
    JOIN eval.query AS q ON q.id = g.query_id
    CROSS JOIN wanted AS w
    ORDER BY w.at, q.id;
END $$;

COMMENT ON FUNCTION eval.query_metrics(int, text[], text) IS
    'Measures of a run per query, such as nDCG@10; unanswered queries have 0.';
