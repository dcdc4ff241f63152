-- Evaluation runs by the names analysts use, with the median and the 95th percentile of their latency.
--   SELECT run_id, query_set, collection, label, search_p50_ms FROM eval.runs ORDER BY run_id DESC LIMIT 5;
CREATE OR REPLACE VIEW eval.runs WITH (security_invoker = true) AS
SELECT r.id AS run_id, s.name AS query_set, c.name AS collection, r.label, r.legs, r.settings, r.profile,
       r.encoders, r.k, r.code_version,
       (r.timings #>> '{search,p50}')::float8 AS search_p50_ms,
       (r.timings #>> '{search,p95}')::float8 AS search_p95_ms,
       (r.timings #>> '{encode,p50}')::float8 AS encode_p50_ms,
       (r.timings #>> '{encode,p95}')::float8 AS encode_p95_ms,
       r.started_at, r.finished_at
FROM eval.run AS r
JOIN eval.query_set AS s ON s.id = r.set_id
JOIN core.collection AS c ON c.id = r.collection_id;

COMMENT ON VIEW eval.runs IS
    'Evaluation runs: collection, query set, settings, models, and milliseconds per query.';
