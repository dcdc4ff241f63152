-- Hybrid search whose rows are drafted from two fusions, the one in use and a profile (impl.team_draft),
-- for live tests: adjustments ->> 'live' says which side picked a row, `a` (in use), `b` (the profile) or
-- `both`. Rows are as in search.hybrid, with the score and the legs that the side gave; ranks go by the
-- draft, by which skip and k page. Drafted from the fusion in use alone, all rows `both`, are answers with
-- a pinned item or with groups, which a draft would tear apart, and queries of a kind that has a profile of
-- its own. coins: a number of the answer, by which the sides take turns. Both fusions run their legs: it
-- takes twice as long.
--   SELECT rank, item_id, adjustments ->> 'live' AS side
--   FROM search.interleaved('parts', '진공 펌프', profile => NULL, coins => 7);
CREATE OR REPLACE FUNCTION search.interleaved(
    collection text,
    query text,
    legs search.leg[] DEFAULT NULL,
    k int DEFAULT 10,
    filter text DEFAULT NULL,
    profile text DEFAULT NULL,
    coins bigint DEFAULT 0,
    skip int DEFAULT 0,
    shape jsonb DEFAULT NULL)
RETURNS TABLE (item_id bigint, rank int, score float8, legs jsonb, adjustments jsonb)
LANGUAGE sql STABLE ROWS 10
SET search_path = pg_catalog, pg_temp
SET extra_float_digits = 1
AS $$
    WITH one AS MATERIALIZED (
        SELECT h.* FROM search.hybrid(interleaved.collection, interleaved.query, interleaved.legs,
            interleaved.k + interleaved.skip, interleaved.filter, shape => interleaved.shape) AS h
    ),
    -- Evaluated before the second fusion, which does not run where it could not take part.
    alone AS MATERIALIZED (
        SELECT EXISTS (SELECT FROM one WHERE one.adjustments ?| '{pinned,group}')
            OR EXISTS (SELECT FROM eval.profile AS p
                       WHERE p.collection_id = impl.named_collection(interleaved.collection) AND p.active
                         AND p.query_kind = search.query_kind(interleaved.query)) AS alone
    ),
    other AS MATERIALIZED (
        SELECT h.* FROM search.hybrid(interleaved.collection, interleaved.query, interleaved.legs,
            interleaved.k + interleaved.skip, interleaved.filter, interleaved.profile,
            shape => interleaved.shape) AS h
        WHERE NOT (SELECT alone.alone FROM alone)
    ),
    kept AS (
        SELECT ARRAY(SELECT one.item_id FROM one ORDER BY one.rank) AS a, ARRAY(
            SELECT b.item_id FROM (
                SELECT other.item_id, other.rank FROM other UNION ALL
                SELECT one.item_id, one.rank FROM one, alone WHERE alone.alone) AS b ORDER BY b.rank) AS b
    )
    SELECT d.item_id, d.rank, h.score, h.legs,
           coalesce(h.adjustments, '{}') || jsonb_build_object('live', d.team)
    FROM kept CROSS JOIN LATERAL impl.team_draft(kept.a, kept.b, interleaved.coins) AS d
    JOIN (SELECT 'a' AS side, one.* FROM one UNION ALL SELECT 'b', other.* FROM other) AS h
        ON h.item_id = d.item_id AND h.side = CASE d.team WHEN 'b' THEN 'b' ELSE 'a' END
    ORDER BY d.rank
    OFFSET impl.at_least('skip', interleaved.skip, 0) LIMIT impl.at_least('k', interleaved.k, 0)
$$;

COMMENT ON FUNCTION search.interleaved(text, text, search.leg[], int, text, text, bigint, int, jsonb) IS
    'Hybrid search drafted from the fusion in use and a profile, for live tests.';
