-- Counts of the query log by query, item and place: how often an item stood there among the first ten of a
-- first page (shown), how often it was opened from there (clicks), and how often somebody stayed
-- `satisfied` long or it was not told how long (stays). Not more clicks than times shown: who opens a
-- result twice wants it once. Queries are folded (impl.fold_query); left out are searches with a filter, a
-- picture or items, and clicks without their place or text.
--   SELECT * FROM impl.click_cells('parts', '30 s') LIMIT 10;
CREATE OR REPLACE FUNCTION impl.click_cells(collection text, satisfied interval)
RETURNS TABLE (query text, external_id text, rank int, shown bigint, clicks bigint, stays bigint)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    WITH here AS (SELECT impl.named_collection(click_cells.collection) AS id),
    seen AS (
        SELECT impl.fold_query(q.query) AS query, h.external_id, h.rank, count(*) AS n
        FROM here JOIN ops.query_log AS q ON q.collection_id = here.id
        CROSS JOIN LATERAL jsonb_to_recordset(q.hits) AS h(external_id text, rank int)
        WHERE q.skip = 0 AND q.filter IS NULL AND NOT q.picture AND q.liked = '{}' AND q.query IS NOT NULL
        GROUP BY 1, 2, 3
    ),
    opened AS (
        SELECT impl.fold_query(k.query) AS query, k.external_id, k.rank, count(*) AS n,
               count(*) FILTER (WHERE k.dwell_ms IS NULL
                                OR k.dwell_ms >= extract(epoch FROM click_cells.satisfied) * 1000) AS stays
        FROM here CROSS JOIN LATERAL impl.clicks_of(here.id) AS k
        WHERE k.query IS NOT NULL AND k.rank IS NOT NULL
        GROUP BY 1, 2, 3
    )
    SELECT s.query, s.external_id, s.rank, s.n, least(coalesce(o.n, 0), s.n), least(coalesce(o.stays, 0), s.n)
    FROM seen AS s LEFT JOIN opened AS o USING (query, external_id, rank)
    WHERE s.query IS NOT NULL
$$;

COMMENT ON FUNCTION impl.click_cells(text, interval) IS
    'Counts of the query log by query, item and place: shown, opened, stayed at.';
