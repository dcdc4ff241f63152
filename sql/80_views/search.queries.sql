-- Query log: searches over HTTP, their first hits and what each leg had, the latest first by search_id.
-- Queries are personal data: only seogo_admin may read this, unlike the other views.
--   SELECT asked_at, query, total_ms FROM search.queries WHERE collection = 'parts'
--       ORDER BY search_id DESC LIMIT 20;
CREATE OR REPLACE VIEW search.queries WITH (security_invoker = true) AS
SELECT q.id AS search_id, q.asked_at, q.expires_at, a.name AS key, c.name AS collection, q.query, q.picture,
       q.liked, q.unliked,
       q.filter, q.profile, q.k, q.skip, q.legs, q.encode_ms, q.sql_ms, q.rerank_ms, q.total_ms, q.degraded,
       q.hits, q.found, q.word_hits, q.best_score, q.weak
FROM ops.query_log AS q
JOIN core.collection AS c ON c.id = q.collection_id
LEFT JOIN ops.api_key AS a ON a.id = q.key_id;

COMMENT ON VIEW search.queries IS
    'Searches over HTTP with their first hits, where the query log is on; for administrators.';
