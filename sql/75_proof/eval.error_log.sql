-- Error log of a run: a row for each query of which a relevant item is not among the first k, and the module
-- that lost it (eval.blame): of several lost items the one with the highest grade, of these the one that
-- came nearest. relevant and found count the query's items; question: the text, else the item it is like.
-- Those of which nothing was found come first, then by query; at most most_n rows. total: how many queries
-- there are in all, for what is left out.
--   SELECT query, verdict, external_id, rank, legs FROM eval.error_log(1, most_n => 20);
CREATE OR REPLACE FUNCTION eval.error_log(
    run_id int,
    source text DEFAULT NULL,
    k int DEFAULT 10,
    min_grade int DEFAULT 1,
    most_n int DEFAULT 1000)
RETURNS TABLE (
    query text,
    question text,
    categories text[],
    verdict text,
    external_id text,
    grade int,
    relevant int,
    found int,
    rank int,
    fused_rank int,
    leg text,
    leg_rank int,
    legs jsonb,
    total int)
LANGUAGE sql STABLE ROWS 1000
SET search_path = pg_catalog, pg_temp
AS $$
    WITH pair AS MATERIALIZED (
        SELECT b.*, count(*) OVER of_query AS relevant_n,
               count(*) FILTER (WHERE b.verdict = 'found') OVER of_query AS found_n
        FROM eval.blame(error_log.run_id, error_log.source, error_log.k, error_log.min_grade) AS b
        WINDOW of_query AS (PARTITION BY b.query_id)
    ),
    lost AS (
        SELECT DISTINCT ON (p.query_id) p.* FROM pair AS p WHERE p.verdict <> 'found'
        ORDER BY p.query_id, p.grade DESC, least(p.rank, p.leg_rank), p.external_id COLLATE "C"
    )
    SELECT l.query, coalesce(q.text, q.item, 'picture ' || q.picture_id), q.categories, l.verdict,
           l.external_id, l.grade, l.relevant_n::int, l.found_n::int, l.rank, l.fused_rank, l.leg, l.leg_rank,
           l.legs, (count(*) OVER ())::int
    FROM lost AS l JOIN eval.query AS q ON q.id = l.query_id
    ORDER BY l.found_n > 0, l.query COLLATE "C", l.query_id
    LIMIT impl.at_least('most_n', error_log.most_n, 0)
$$;

COMMENT ON FUNCTION eval.error_log(int, text, int, int, int) IS
    'Queries of a run that lost a relevant item, each with the module that lost it and the rank per leg.';
