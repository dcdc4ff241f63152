-- Both rankings that a live test drafts from (impl.team_draft), a row of search.hybrid for each item of each:
-- adjustments ->> 'live' is `a` where the fusion in use ranks it, `b` where a profile does, and rank is that
-- side's. For programs that reorder each side before the draft, as a reranker does; search.interleaved drafts
-- by itself. By the fusion in use alone, all rows `both`, are answers with a pinned item or with groups,
-- which a draft would tear apart, and queries of a kind that has a profile of its own. Both fusions run their
-- legs: it takes twice as long.
--   SELECT item_id, rank, adjustments ->> 'live' AS side
--   FROM search.draft_sides('parts', '진공 펌프', profile => NULL, k => 3);
CREATE OR REPLACE FUNCTION search.draft_sides(
    collection text,
    query text,
    legs search.leg[] DEFAULT NULL,
    k int DEFAULT 10,
    filter text DEFAULT NULL,
    profile text DEFAULT NULL,
    shape jsonb DEFAULT NULL)
RETURNS TABLE (item_id bigint, rank int, score float8, legs jsonb, adjustments jsonb)
LANGUAGE sql STABLE ROWS 20
SET search_path = pg_catalog, pg_temp
SET extra_float_digits = 1
AS $$
    WITH one AS MATERIALIZED (
        SELECT h.* FROM search.hybrid(draft_sides.collection, draft_sides.query, draft_sides.legs,
            draft_sides.k, draft_sides.filter, shape => draft_sides.shape) AS h
    ),
    -- Evaluated before the second fusion, which does not run where it could not take part.
    alone AS MATERIALIZED (
        SELECT EXISTS (SELECT FROM one WHERE one.adjustments ?| '{pinned,group}')
            OR EXISTS (SELECT FROM eval.profile AS p
                       WHERE p.collection_id = impl.named_collection(draft_sides.collection) AND p.active
                         AND p.query_kind = search.query_kind(draft_sides.query)) AS alone
    ),
    other AS MATERIALIZED (
        SELECT h.* FROM search.hybrid(draft_sides.collection, draft_sides.query, draft_sides.legs,
            draft_sides.k, draft_sides.filter, draft_sides.profile, shape => draft_sides.shape) AS h
        WHERE NOT (SELECT alone.alone FROM alone)
    )
    SELECT s.item_id, s.rank, s.score, s.legs,
           coalesce(s.adjustments, '{}') || jsonb_build_object('live', s.side)
    FROM (SELECT CASE WHEN alone.alone THEN 'both' ELSE 'a' END AS side, one.* FROM one, alone
          UNION ALL SELECT 'b', other.* FROM other) AS s
    ORDER BY s.side, s.rank
$$;

COMMENT ON FUNCTION search.draft_sides(text, text, search.leg[], int, text, text, jsonb) IS
    'Both rankings of a live test, by the fusion in use and by a profile, before they are drafted from.';
