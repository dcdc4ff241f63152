-- Hybrid search whose rows are drafted from two fusions, the one in use and a profile (impl.team_draft),
-- for live tests: adjustments ->> 'live' says which side picked a row, `a` (in use), `b` (the profile) or
-- `both`. Rows are as in search.hybrid, with the score and the legs that the side gave; ranks go by the
-- draft, by which skip and k page. coins: a number of the answer, by which the sides take turns. What takes
-- no part is as search.draft_sides has it.
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
    WITH side AS MATERIALIZED (
        SELECT s.*, s.adjustments ->> 'live' AS side
        FROM search.draft_sides(interleaved.collection, interleaved.query, interleaved.legs,
            interleaved.k + interleaved.skip, interleaved.filter, interleaved.profile,
            interleaved.shape) AS s
    )
    SELECT d.item_id, d.rank, h.score, h.legs, h.adjustments || jsonb_build_object('live', d.team)
    FROM impl.team_draft(ARRAY(SELECT s.item_id FROM side AS s WHERE s.side <> 'b' ORDER BY s.rank),
                         ARRAY(SELECT s.item_id FROM side AS s WHERE s.side <> 'a' ORDER BY s.rank),
                         interleaved.coins) AS d
    JOIN side AS h ON h.item_id = d.item_id AND (h.side = 'b') = (d.team = 'b')
    ORDER BY d.rank
    OFFSET impl.at_least('skip', interleaved.skip, 0) LIMIT impl.at_least('k', interleaved.k, 0)
$$;

COMMENT ON FUNCTION search.interleaved(text, text, search.leg[], int, text, text, bigint, int, jsonb) IS
    'Hybrid search drafted from the fusion in use and a profile, for live tests.';
