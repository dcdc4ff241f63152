-- Queries of the log that were asked most, by collection: how often, how often in vain, and their middle
-- time in milliseconds. Queries that differ in case, spacing or width are one, shown as it was last typed.
-- First pages of searches with words only. The most asked first, then the latest.
--   SELECT query, asked, nothing FROM ops.top_queries('parts', '7 days', 10);
CREATE OR REPLACE FUNCTION ops.top_queries(
    only_collection text DEFAULT NULL,
    within interval DEFAULT '30 days',
    k int DEFAULT 20)
RETURNS TABLE (collection text, query text, asked int, nothing int, weak int, p50_ms float8,
               last_asked_at timestamptz)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT c.name, g.query, g.asked, g.nothing, g.weak, g.p50_ms, g.last_asked_at
    FROM core.collection AS c
    CROSS JOIN LATERAL (
        SELECT (array_agg(q.query ORDER BY q.asked_at DESC))[1] AS query, count(*)::int AS asked,
               (count(*) FILTER (WHERE q.found = 0))::int AS nothing,
               (count(*) FILTER (WHERE q.weak))::int AS weak,
               percentile_cont(0.5) WITHIN GROUP (ORDER BY q.total_ms) AS p50_ms,
               max(q.asked_at) AS last_asked_at
        FROM ops.query_log AS q
        WHERE q.collection_id = c.id AND q.asked_at > now() - top_queries.within
          AND q.skip = 0 AND btrim(q.query) <> ''
        GROUP BY regexp_replace(btrim(impl.fold_text(q.query)), E'\\s+', ' ', 'g')
    ) AS g
    WHERE c.id = CASE WHEN only_collection IS NULL THEN c.id ELSE impl.named_collection(only_collection) END
    ORDER BY g.asked DESC, g.last_asked_at DESC, c.name, g.query
    LIMIT impl.at_least('k', top_queries.k, 0)
$$;

COMMENT ON FUNCTION ops.top_queries(text, interval, int) IS 'Queries of the log that were asked most.';
