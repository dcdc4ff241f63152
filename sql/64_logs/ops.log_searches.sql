-- Writes searches into the query log and returns how many; those of a deleted collection are left out. An
-- element has the keys of ops.query_log, with the collection by name; keep: how long rows stay.
--   SELECT ops.log_searches('[]', '30 days');
CREATE OR REPLACE FUNCTION ops.log_searches(searches jsonb, keep interval)
RETURNS bigint
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    WITH written AS (
        INSERT INTO ops.query_log (asked_at, expires_at, key_id, collection_id, query, picture, liked,
                                   unliked, filter, profile,
                                   k, skip, legs, encode_ms, sql_ms, rerank_ms, total_ms, degraded, hits,
                                   found, word_hits, best_score, weak)
        SELECT s.asked_at, s.asked_at + keep, a.id, c.id, s.query, s.picture, s.liked, s.unliked, s.filter,
               s.profile, s.k, s.skip, s.legs, s.encode_ms, s.sql_ms, s.rerank_ms, s.total_ms, s.degraded,
               s.hits, s.found, s.word_hits, s.best_score, s.weak
        FROM ROWS FROM (jsonb_to_recordset(searches) AS (
            asked_at timestamptz, key_id int, collection text, query text, picture boolean, liked bigint[],
            unliked bigint[],
            filter jsonb, profile text, k int, skip int, legs jsonb, encode_ms float8, sql_ms float8,
            rerank_ms float8, total_ms float8,
            degraded text[], hits jsonb, found int, word_hits int, best_score float8,
            weak boolean)) WITH ORDINALITY AS s
        JOIN core.collection AS c ON c.name = s.collection
        LEFT JOIN ops.api_key AS a ON a.id = s.key_id
        ORDER BY s.ordinality
        RETURNING id
    )
    SELECT count(*) FROM written;
$$;

COMMENT ON FUNCTION ops.log_searches(jsonb, interval) IS
    'Writes searches into the query log; returns how many.';
