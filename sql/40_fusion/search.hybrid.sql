-- Hybrid search: every leg ranks on its own, reciprocal rank fusion adds them up.
--   score = sum over legs of weight / (k_rrf + rank); higher is better; ties by item_id.
-- Cormack, Clarke, Buettcher: Reciprocal Rank Fusion, SIGIR 2009 (k_rrf = 60).
-- legs in the result: {leg name: {"rank", "score", "contribution"} or null where the leg has not the item}.
--   SELECT h.rank, h.score, i.external_id, h.legs
--   FROM search.hybrid('parts', '진공 펌프 소음') AS h JOIN search.items AS i USING (item_id);
CREATE OR REPLACE FUNCTION search.hybrid(
    collection text, query text DEFAULT NULL, legs search.leg[] DEFAULT NULL, k int DEFAULT 10,
    filter text DEFAULT NULL, k_rrf int DEFAULT 60)
RETURNS TABLE (item_id bigint, rank int, score float8, legs jsonb)
LANGUAGE sql STABLE ROWS 10
SET search_path = pg_catalog, public, pg_temp
AS $$
    WITH leg AS MATERIALIZED (
        SELECT l.*, ROW(l.*)::search.leg AS leg FROM unnest(impl.checked_legs(hybrid.legs)) AS l
    ),
    hit AS MATERIALIZED (
        SELECT leg.name, h.item_id, h.rank, h.score, leg.weight / (hybrid.k_rrf + h.rank) AS contribution
        FROM leg CROSS JOIN LATERAL impl.run_leg(hybrid.collection, hybrid.query, leg.leg, hybrid.filter) AS h
    ),
    fused AS (
        SELECT hit.item_id, sum(hit.contribution ORDER BY hit.name) AS score
        FROM hit GROUP BY hit.item_id
        ORDER BY score DESC, item_id
        LIMIT hybrid.k
    )
    SELECT f.item_id, (row_number() OVER (ORDER BY f.score DESC, f.item_id))::int, f.score,
           (SELECT jsonb_object_agg(leg.name, CASE WHEN hit.item_id IS NOT NULL THEN jsonb_build_object(
                       'rank', hit.rank, 'score', hit.score, 'contribution', hit.contribution) END)
            FROM leg LEFT JOIN hit ON hit.name = leg.name AND hit.item_id = f.item_id)
    FROM fused AS f
    ORDER BY f.score DESC, f.item_id
$$;

COMMENT ON FUNCTION search.hybrid(text, text, search.leg[], int, text, int) IS
    'Fused ranking of any number of legs (default: lexical + identifier) by reciprocal rank; each row says what every leg gave it.';
