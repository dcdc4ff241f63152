-- Places of the relevant items of a run: for each query and each item that the source judges relevant, its
-- rank in the answer (rank) and before reranking (fused_rank), per leg (legs: {leg: rank or null}, not
-- counting the query's own item), the leg that has it highest, and the verdict by these ranks alone: found,
-- unanswered, absent, filter, rerank, fusion, depth or legs (see eval.blame, which looks further).
--   SELECT query, external_id, verdict FROM impl.placed_pairs(impl.evaluation_run(1), NULL, 10, 1);
CREATE OR REPLACE FUNCTION impl.placed_pairs(run eval.run, source text, k int, min_grade int)
RETURNS TABLE (
    query_id bigint,
    query text,
    words text,
    external_id text,
    grade int,
    item_id bigint,
    verdict text,
    rank int,
    fused_rank int,
    leg text,
    leg_rank int,
    legs jsonb)
LANGUAGE plpgsql STABLE ROWS 1000
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    truth CONSTANT text := impl.judgment_source(run.set_id, source);
    passing CONSTANT record := impl.parse_filter(run.settings ->> 'filter');
BEGIN
    PERFORM impl.at_least('k', k, 0);
    RETURN QUERY
    WITH item AS MATERIALIZED (
        SELECT i.* FROM impl.named_items(run.collection_id, ARRAY(
            SELECT DISTINCT j.external_id FROM eval.query AS q
            JOIN eval.judgment AS j ON j.query_id = q.id AND j.source = truth AND j.grade >= min_grade
            WHERE q.set_id = run.set_id)) AS i
    ),
    pair AS MATERIALIZED (
        SELECT q.id AS query_id, q.external_id AS query, q.text AS words, j.external_id, j.grade::int,
               i.id AS item_id, impl.fits(i.metadata, passing.contains, passing.path) AS passes,
               a.query_id IS NOT NULL AND a.error IS NULL AS answered, a.fused,
               array_position(a.external_ids, j.external_id) AS at
        FROM eval.query AS q
        JOIN eval.judgment AS j ON j.query_id = q.id AND j.source = truth AND j.grade >= min_grade
            AND j.external_id IS DISTINCT FROM q.item
        LEFT JOIN item AS i ON i.external_id = j.external_id
        LEFT JOIN eval.run_query AS a ON a.run_id = run.id AND a.query_id = q.id
        WHERE q.set_id = run.set_id
    )
    SELECT p.query_id, p.query, p.words, p.external_id, p.grade, p.item_id, CASE
               WHEN p.at <= k THEN 'found' WHEN NOT p.answered THEN 'unanswered'
               WHEN p.item_id IS NULL THEN 'absent' WHEN NOT p.passes THEN 'filter'
               WHEN p.fused[p.at] <= k THEN 'rerank' WHEN g.leg_rank <= k THEN 'fusion'
               WHEN p.at IS NOT NULL THEN 'depth' ELSE 'legs' END,
           p.at, coalesce(p.fused[p.at], p.at), CASE WHEN g.leg_rank IS NOT NULL THEN g.leg END, g.leg_rank,
           g.legs
    FROM pair AS p
    CROSS JOIN LATERAL (
        SELECT jsonb_object_agg(l.leg, r.rank) AS legs, min(r.rank) AS leg_rank,
               (array_agg(l.leg ORDER BY r.rank, l.leg))[1] AS leg
        FROM eval.run_leg AS l
        CROSS JOIN LATERAL (SELECT nullif(count(*), 0)::int FROM unnest(l.ranks) AS o(rank)
                            WHERE o.rank <= l.ranks[p.at]) AS r(rank)
        WHERE l.run_id = run.id AND l.query_id = p.query_id
    ) AS g
    ORDER BY p.query_id, p.grade DESC, p.external_id COLLATE "C";
END $$;

COMMENT ON FUNCTION impl.placed_pairs(eval.run, text, int, int) IS
    'Relevant items of a run with their ranks in the answer, before reranking, and per leg.';
