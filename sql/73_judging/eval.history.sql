-- Finished evaluations of a set over time by one measure: the mean over judged queries, and its 95 %
-- interval by the normal approximation (mean ± 1.96 standard errors, within [0, 1]; NULL with a single
-- query). The interval is that of one run: whether two runs differ is a paired comparison (`seogo eval
-- compare`). The latest `most_n`, oldest first. Errors: SG001 no such set or source.
--   SELECT run_id, started_at, value, low, high FROM eval.history('asked', 'people');
CREATE OR REPLACE FUNCTION eval.history(
    query_set text,
    source text DEFAULT NULL,
    measure text DEFAULT 'nDCG@10',
    most_n int DEFAULT 50)
RETURNS TABLE (run_id int, collection text, label text, profile text, started_at timestamptz, queries int,
               value float8, low float8, high float8)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 50
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT r.id, c.name, r.label, r.profile, r.started_at, m.n::int, m.mean,
           greatest(m.mean - 1.96 * m.deviation / sqrt(m.n), 0),
           least(m.mean + 1.96 * m.deviation / sqrt(m.n), 1)
    FROM (
        SELECT u.* FROM eval.run AS u
        WHERE u.set_id = impl.query_set_id(history.query_set) AND u.finished_at IS NOT NULL
        ORDER BY u.id DESC LIMIT impl.at_least('most_n', history.most_n, 0)) AS r
    JOIN core.collection AS c ON c.id = r.collection_id
    CROSS JOIN LATERAL (
        SELECT count(*) AS n, avg(q.value) AS mean, stddev_samp(q.value) AS deviation
        FROM eval.query_metrics(r.id, ARRAY[history.measure], history.source) AS q) AS m
    WHERE m.n > 0
    ORDER BY r.id
$$;

COMMENT ON FUNCTION eval.history(text, text, text, int) IS
    'Evaluations of a set over time by one measure, with intervals.';
