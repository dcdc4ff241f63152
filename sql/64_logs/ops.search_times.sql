-- Searches of the log over time: per step how many there were, the percentiles of their times in
-- milliseconds (NULL where nobody searched), and how many were answered by less than was asked for
-- (`degraded`), found nothing, or were weak. Steps are whole multiples of `step` since 2000; the first one
-- may begin before `within`. Further pages of a search count. Error SG004: more than 1,000 steps, or none.
--   SELECT begins, searches, p50_ms, p95_ms FROM ops.search_times(within => '24 hours', step => '1 hour');
CREATE OR REPLACE FUNCTION ops.search_times(
    only_collection text DEFAULT NULL,
    within interval DEFAULT '24 hours',
    step interval DEFAULT '1 hour')
RETURNS TABLE (begins timestamptz, searches int, p50_ms float8, p95_ms float8, p99_ms float8, degraded int,
               nothing int, weak int)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    origin CONSTANT timestamptz := '2000-01-01 00:00:00+00';
    cid CONSTANT int := CASE WHEN only_collection IS NOT NULL THEN impl.named_collection(only_collection) END;
    since timestamptz;
BEGIN
    IF step <= '0' OR within < step OR extract(epoch FROM within) > 1000 * extract(epoch FROM step) THEN
        RAISE EXCEPTION 'cannot divide % into steps of %', within, step
            USING ERRCODE = 'SG004', HINT = 'From 1 to 1,000 steps.';
    END IF;
    since := date_bin(step, now() - within, origin);
    RETURN QUERY
    SELECT s.begins, coalesce(f.searches, 0), f.p[1], f.p[2], f.p[3], coalesce(f.degraded, 0),
           coalesce(f.nothing, 0), coalesce(f.weak, 0)
    FROM generate_series(since, now(), step) AS s(begins)
    LEFT JOIN (
        SELECT date_bin(step, q.asked_at, origin) AS begins, count(*)::int AS searches,
               percentile_cont('{0.5,0.95,0.99}'::float8[]) WITHIN GROUP (ORDER BY q.total_ms) AS p,
               (count(*) FILTER (WHERE q.degraded <> '{}'))::int AS degraded,
               (count(*) FILTER (WHERE q.found = 0))::int AS nothing,
               (count(*) FILTER (WHERE q.weak))::int AS weak
        FROM core.collection AS c JOIN ops.query_log AS q ON q.collection_id = c.id AND q.asked_at >= since
        WHERE cid IS NULL OR c.id = cid
        GROUP BY 1
    ) AS f ON f.begins = s.begins
    ORDER BY s.begins;
END $$;

COMMENT ON FUNCTION ops.search_times(text, interval, interval) IS
    'Searches of the log over time: how many, their percentiles, and how many were degraded, empty or weak.';
