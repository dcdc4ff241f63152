-- Scores given items by late interaction in a space of kind multi, such as to rerank what another search
-- found: for each token of the query the highest similarity to a token of the item, the mean of these, in
-- [-1, 1]; times the number of the query's tokens it is the sum that papers call MaxSim. Higher is better;
-- ties by item_id. Items without vectors there are left out. query_vec: the vectors of the query's tokens,
-- one after the other, as ops.query_vector has them.
--   SELECT m.* FROM search.maxsim('tokens', ARRAY(SELECT item_id FROM search.lexical('parts', 'pump', 100)),
--       impl.query_vector((impl.live_space('tokens')).id, 'pump')) AS m LIMIT 10;
CREATE OR REPLACE FUNCTION search.maxsim(
    space text,
    item_ids bigint[],
    query_vec pgvector.halfvec,
    only_source text DEFAULT NULL)
RETURNS TABLE (item_id bigint, rank int, score float8, source text, part_no int)
LANGUAGE plpgsql STABLE ROWS 100
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    live CONSTANT ops.space := impl.live_space(space);
BEGIN
    IF live.kind <> 'multi' THEN
        RAISE EXCEPTION 'space % has one vector per text, not one per token', live.name
            USING ERRCODE = 'SG004', HINT = 'search.spaces says the kind of each: multi is needed here.';
    END IF;
    PERFORM impl.check_vector(query_vec, live);
    RETURN QUERY
    SELECT h.id, row_number() OVER (ORDER BY h.score DESC, h.id)::int, h.score, h.source, h.part
    FROM (
        SELECT m.ids, m.scores, m.sources, m.parts
        FROM impl.maxsim(live, query_vec, item_ids, only_source) AS m
        UNION ALL
        SELECT s.ids, s.scores, s.sources, s.parts
        FROM impl.maxsim_away(live, query_vec, item_ids, only_source) AS s) AS m
    CROSS JOIN LATERAL unnest(m.ids, m.scores, m.sources, m.parts) AS h(id, score, source, part)
    ORDER BY 2;
END $$;

COMMENT ON FUNCTION search.maxsim(text, bigint[], pgvector.halfvec, text) IS
    'Given items scored by late interaction (mean of the best similarity per query token), best first.';
