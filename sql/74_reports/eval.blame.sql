-- Failure analysis of a run: for each query and each item that the source judges relevant, how far the item
-- came.
--   found       it is among the first k of the answer
--   rerank      it was among the first k before the reranker changed the order
--   fusion      a leg has it among its first k, the fused order has not
--   depth       legs list it, but none among its first k
--   legs        no leg lists it
--   unread, ocr, identifier, caption
--               depth or legs, and nobody read in its pictures what the query asks for (impl.picture_blame)
--   embedding   depth or legs, and it has no vector, or an outdated one, in the space of a leg that does not
--               list it; as it is now, not as it was when the run was made
--   filter      it does not pass the filter of the run
--   absent      the collection does not have it
--   unanswered  the query has no answer, because of an error or because it was not run
-- rank: in the answer, however deep; fused_rank: before reranking. leg and leg_rank: the leg that has it
-- highest. legs: {leg: rank or null}; the item that is the query counts in none of them.
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
    fused_rank int,
    leg text,
    leg_rank int,
    legs jsonb)
LANGUAGE sql STABLE ROWS 1000
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT p.query_id, p.query, p.external_id, p.grade, coalesce(CASE WHEN p.verdict IN ('depth', 'legs') THEN
               coalesce(CASE WHEN p.words IS NOT NULL
                             THEN impl.picture_blame(p.item_id, p.words,
                                                     (r.run).settings #>> '{lexical,analyzer}') END,
                        CASE WHEN impl.lacks_vectors(p.item_id, (r.run).legs, p.legs)
                             THEN 'embedding' END) END, p.verdict),
           p.rank, p.fused_rank, p.leg, p.leg_rank, p.legs
    FROM (SELECT impl.evaluation_run(blame.run_id) AS run OFFSET 0) AS r
    CROSS JOIN LATERAL impl.placed_pairs(r.run, blame.source, blame.k, blame.min_grade) AS p
    ORDER BY p.query_id, p.grade DESC, p.external_id COLLATE "C"
$$;

COMMENT ON FUNCTION eval.blame(int, text, int, int) IS
    'Per query and relevant item of a run: found, or the cause of the loss: rerank, fusion, depth, legs, '
    'unread, ocr, identifier, caption, embedding, filter, absent, unanswered.';
