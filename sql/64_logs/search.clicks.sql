-- Results that people opened, the latest first by click_id; query NULL: its text was not to be kept.
-- dwell_ms: for how long it was looked at, NULL: not told. Personal data: only seogo_admin may read this.
--   SELECT query, external_id, count(*) FROM search.clicks WHERE collection = 'parts' GROUP BY 1, 2
--       ORDER BY 3 DESC LIMIT 20;
CREATE OR REPLACE VIEW search.clicks WITH (security_invoker = true) AS
SELECT k.id AS click_id, k.clicked_at, k.expires_at, a.name AS key, c.name AS collection, k.query,
       k.external_id, k.rank, k.dwell_ms
FROM ops.query_click AS k
JOIN core.collection AS c ON c.id = k.collection_id
LEFT JOIN ops.api_key AS a ON a.id = k.key_id;

COMMENT ON VIEW search.clicks IS 'Results that people opened, where the query log is on; for administrators.';
