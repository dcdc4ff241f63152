-- Measures of a run, query by query. Higher is better, all in [0, 1]; impl.measured says how each is
-- computed. Every query of the set that has a judgment from the source is there; one that the run has not
-- answered has 0. measures: as ir_measures spells them (impl.measure); source NULL: the only one there is.
-- R@1000 looks at the first 1000 of all that the run keeps, whatever its k; a measure without a depth, such
-- as AP, at the first k.
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
    'Measures of a run per query, such as nDCG@10; queries that the run has not answered have 0.';
