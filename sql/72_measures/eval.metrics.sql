-- Measures of a run: the mean over all queries that have a judgment from the source (category NULL), and,
-- with by_category, over those of each category; a query counts in every category it has. AP's mean is MAP,
-- RR's is MRR.
--   SELECT * FROM eval.metrics(1, '{nDCG@10,R@5}', by_category => true);
CREATE OR REPLACE FUNCTION eval.metrics(
    run_id int,
    measures text[] DEFAULT NULL,
    source text DEFAULT NULL,
    by_category boolean DEFAULT false)
RETURNS TABLE (measure text, category text, queries int, value float8)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 10
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT m.measure, c.name, count(*)::int, avg(m.value)
    FROM eval.query_metrics(metrics.run_id, metrics.measures,
                            metrics.source) WITH ORDINALITY
                                AS m(query_id, query, categories, measure, value, at)
    CROSS JOIN LATERAL (
        SELECT NULL AS name UNION ALL SELECT DISTINCT t FROM unnest(m.categories) AS t
        WHERE metrics.by_category
    ) AS c
    GROUP BY m.measure, c.name
    ORDER BY min(min(m.at)) OVER (PARTITION BY m.measure), c.name COLLATE "C" NULLS FIRST
$$;

COMMENT ON FUNCTION eval.metrics(int, text[], text, boolean) IS
    'Mean of each measure of a run over the judged queries, and over those of each category.';
