-- Default measures of every run under every ground truth of its set; filter by run_id, since each is computed
-- anew.
--   SELECT source, measure, value FROM eval.run_metrics WHERE run_id = 1;
CREATE OR REPLACE VIEW eval.run_metrics WITH (security_invoker = true) AS
SELECT r.id AS run_id, s.name AS query_set, c.name AS collection, r.label, t.source, m.measure, m.queries,
       m.value,
       (r.timings #>> '{search,p50}')::float8 AS search_p50_ms,
       (r.timings #>> '{search,p95}')::float8 AS search_p95_ms
FROM eval.run AS r
JOIN eval.query_set AS s ON s.id = r.set_id
JOIN core.collection AS c ON c.id = r.collection_id
CROSS JOIN LATERAL (
    SELECT DISTINCT j.source FROM eval.query AS q JOIN eval.judgment AS j ON j.query_id = q.id
    WHERE q.set_id = r.set_id
) AS t
CROSS JOIN LATERAL eval.metrics(r.id, NULL, t.source) AS m;

COMMENT ON VIEW eval.run_metrics IS 'Default measures of runs under each ground truth, with their latency.';
