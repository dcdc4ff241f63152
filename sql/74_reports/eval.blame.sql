-- Failure analysis of a run: for each query and each item that the source judges relevant, how far the item
-- came.
--   found       it is among the first k of the answer
--   fusion      a leg has it among its first k, the answer has not
--   depth       legs list it, but none among its first k
--   legs        no leg lists it
--   unread, ocr, identifier, caption
--               depth or legs, and nobody read in its pictures what the query asks for (impl.picture_blame)
--   absent      the collection does not have it
--   unanswered  the query has no answer, because of an error or because it was not run
-- rank: in the answer, however deep. leg and leg_rank: the leg that has it highest. legs: {leg: rank or
-- null}; the item that is the query counts in none of them.
--   SELECT query, external_id, verdict, rank, leg, leg_rank FROM eval.blame(1) WHERE verdict <> 'found';
CREATE OR REPLACE FUNCTION eval.blame(
    run_id int,
    source text DEFAULT NULL,
    k int DEFAULT 10,
    min_grade int DEFAULT 1)
RETURNS TABLE (
    query_id bigint,
    query text,
    external_id text,
    grade int,
    verdict text,
    rank int,
    leg text,
    leg_rank int,
    legs jsonb)
LANGUAGE plpgsql STABLE ROWS 1000
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    run CONSTANT eval.run := impl.evaluation_run(run_id);
    truth CONSTANT text := impl.judgment_source(run.set_id, source);
BEGIN
    RETURN QUERY
    WITH pair AS MATERIALIZED (
        SELECT q.id AS query_id, q.external_id AS query, q.text, j.external_id, j.grade, i.id AS item_id,
               a.query_id IS NOT NULL AND a.error IS NULL AS answered,
               array_position(a.external_ids, j.external_id) AS at
        FROM eval.query AS q
        JOIN eval.judgment AS j ON j.query_id = q.id AND j.source = truth AND j.grade >= min_grade
            AND j.external_id IS DISTINCT FROM q.item
        LEFT JOIN core.item AS i ON i.collection_id = run.collection_id AND i.external_id = j.external_id
        LEFT JOIN eval.run_query AS a ON a.run_id = run.id AND a.query_id = q.id
        WHERE q.set_id = run.set_id
    ),
    placed AS (
        SELECT p.*, g.legs, g.leg, g.leg_rank, CASE
            WHEN p.at <= k THEN 'found' WHEN NOT p.answered THEN 'unanswered'
            WHEN p.item_id IS NULL THEN 'absent'
            WHEN g.leg_rank <= k THEN 'fusion' WHEN p.at IS NOT NULL THEN 'depth' ELSE 'legs' END AS verdict
        FROM pair AS p
        CROSS JOIN LATERAL (
            SELECT jsonb_object_agg(l.leg, r.rank) AS legs, min(r.rank) AS leg_rank,
                   (array_agg(l.leg ORDER BY r.rank, l.leg))[1] AS leg
            FROM eval.run_leg AS l
            CROSS JOIN LATERAL (SELECT nullif(count(*), 0)::int FROM unnest(l.ranks) AS o(rank)
                                WHERE o.rank <= l.ranks[p.at]) AS r(rank)
            WHERE l.run_id = run.id AND l.query_id = p.query_id
        ) AS g
    )
    SELECT p.query_id, p.query, p.external_id, p.grade::int,
           coalesce(CASE WHEN p.verdict IN ('depth', 'legs') AND p.text IS NOT NULL
                         THEN impl.picture_blame(p.item_id, p.text,
                                                 run.settings #>> '{lexical,analyzer}') END, p.verdict),
           p.at, CASE WHEN p.leg_rank IS NOT NULL THEN p.leg END, p.leg_rank, p.legs
    FROM placed AS p
    ORDER BY p.query_id, p.grade DESC, p.external_id COLLATE "C";
END $$;

COMMENT ON FUNCTION eval.blame(int, text, int, int) IS
    'Per query and relevant item of a run: found, or the cause of the loss: fusion, depth, legs, ocr, '
    'identifier, caption, absent, unanswered.';
