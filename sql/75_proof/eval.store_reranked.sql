-- Stores the order that a reranker gave the first items of an answer: places are their old ranks in the new
-- order, the best first; the rest stay as they are. Scores and the parts of the legs go with their items, so
-- that scores need not fall with the ranks any more. Returns how many items moved.
--   SELECT eval.store_reranked(1, (SELECT q.id FROM eval.query AS q LIMIT 1), '{2,1,3}', 12.5);
CREATE OR REPLACE FUNCTION eval.store_reranked(
    run_id int,
    query_id bigint,
    places int[],
    rerank_ms float8 DEFAULT NULL)
RETURNS int
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    answer CONSTANT eval.run_query := (SELECT a FROM eval.run_query AS a
                                       WHERE a.run_id = run_id AND a.query_id = query_id);
    n CONSTANT int := cardinality(places);
    moved CONSTANT int[] := places || ARRAY(SELECT generate_series(n + 1, cardinality(answer.external_ids)));
BEGIN
    IF answer.query_id IS NULL OR answer.fused IS NOT NULL OR n IS NULL
        OR ARRAY(SELECT p FROM unnest(places) AS p ORDER BY p) <> ARRAY(SELECT generate_series(1, n))
        OR n > cardinality(answer.external_ids) THEN
        RAISE EXCEPTION 'this is no new order of the answer to query % of run %', query_id, run_id
            USING ERRCODE = 'SG004',
                HINT = 'Places are the ranks 1 to n in another order, of an answer that is there, once.';
    END IF;
    UPDATE eval.run_query AS a
    SET fused = moved, rerank_ms = store_reranked.rerank_ms,
        external_ids = ARRAY(SELECT a.external_ids[r.was] FROM unnest(moved) WITH ORDINALITY AS r(was, at)
                             ORDER BY r.at),
        scores = ARRAY(SELECT a.scores[r.was] FROM unnest(moved) WITH ORDINALITY AS r(was, at)
                       ORDER BY r.at)
    WHERE a.run_id = run_id AND a.query_id = query_id;
    UPDATE eval.run_leg AS l
    SET (ranks, scores, contributions) = (
        SELECT array_agg(l.ranks[r.was] ORDER BY r.at), array_agg(l.scores[r.was] ORDER BY r.at),
               array_agg(l.contributions[r.was] ORDER BY r.at)
        FROM unnest(moved) WITH ORDINALITY AS r(was, at))
    WHERE l.run_id = run_id AND l.query_id = query_id;
    RETURN (SELECT count(*) FROM unnest(places) WITH ORDINALITY AS r(was, at) WHERE r.was <> r.at);
END $$;

COMMENT ON FUNCTION eval.store_reranked(int, bigint, int[], float8) IS
    'Stores the order that a reranker gave the first items of a run''s answer; returns how many moved.';
