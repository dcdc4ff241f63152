-- Finishes a run: sets its end and the latency of its queries. Returns the number of queries, how many were
-- answered, and how many of these ended in an error; an unanswered query counts as nothing found.
--   SELECT * FROM eval.finish_run(1);
CREATE OR REPLACE FUNCTION eval.finish_run(run_id int, OUT queries int, OUT answered int, OUT failed int)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    run CONSTANT eval.run := impl.evaluation_run(run_id);
    times jsonb;
BEGIN
    SELECT count(*), count(a.query_id), count(a.error) INTO queries, answered, failed
    FROM eval.query AS q LEFT JOIN eval.run_query AS a ON a.query_id = q.id AND a.run_id = run_id
    WHERE q.set_id = run.set_id;
    SELECT jsonb_object_agg(t.what, jsonb_build_object('p50', t.p[1], 'p95', t.p[2], 'n', t.n)) INTO times
    FROM (
        SELECT m.what, count(*) AS n,
               percentile_cont('{0.5,0.95}'::float8[]) WITHIN GROUP (ORDER BY m.ms) AS p
        FROM eval.run_query AS a
        CROSS JOIN LATERAL (VALUES ('search', a.search_ms), ('encode', a.encode_ms),
                                    ('rerank', a.rerank_ms)) AS m(what, ms)
        WHERE a.run_id = run_id AND m.ms IS NOT NULL GROUP BY m.what
    ) AS t;
    UPDATE eval.run AS r SET finished_at = clock_timestamp(), timings = times WHERE r.id = run_id;
END $$;

COMMENT ON FUNCTION eval.finish_run(int) IS
    'Finishes a run; returns how many queries it has, has answered, and could not answer.';
