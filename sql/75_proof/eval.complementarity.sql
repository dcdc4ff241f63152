-- Complementarity of the legs of a run, one row: relevant items of its queries (pairs); how many the answer
-- has among its first k (found); how many any leg has among its own (oracle: a fusion that loses none finds
-- these), several legs (several), one alone (alone), none (nowhere). missed: any leg has them, the answer has
-- not; lifted: the answer has them, and no leg among its first k. recall and oracle_recall: means over the
-- queries of the shares found; best_leg: the leg whose own mean is the highest, best_recall that mean.
--   SELECT pairs, found, oracle, alone, nowhere FROM eval.complementarity(1);
CREATE OR REPLACE FUNCTION eval.complementarity(
    run_id int,
    source text DEFAULT NULL,
    k int DEFAULT 10,
    min_grade int DEFAULT 1,
    OUT pairs int,
    OUT queries int,
    OUT found int,
    OUT oracle int,
    OUT several int,
    OUT alone int,
    OUT nowhere int,
    OUT missed int,
    OUT lifted int,
    OUT recall float8,
    OUT oracle_recall float8,
    OUT best_leg text,
    OUT best_recall float8)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    WITH run AS MATERIALIZED (SELECT impl.evaluation_run(complementarity.run_id) AS run),
    pair AS MATERIALIZED (
        SELECT p.query_id, p.verdict = 'found' AS found, impl.first_legs(p.legs, complementarity.k) AS legs
        FROM run AS r
        CROSS JOIN LATERAL impl.placed_pairs(r.run, complementarity.source, complementarity.k,
                                             complementarity.min_grade) AS p
    ),
    by_query AS (
        SELECT avg(p.found::int) AS recall, avg((p.legs <> '{}')::int) AS oracle
        FROM pair AS p GROUP BY p.query_id
    ),
    best AS (
        SELECT n.leg, avg(q.share) AS recall
        FROM run AS r CROSS JOIN LATERAL unnest(impl.run_leg_names(r.run)) AS n(leg)
        CROSS JOIN LATERAL (SELECT avg((n.leg = ANY (p.legs))::int) AS share
                            FROM pair AS p GROUP BY p.query_id) AS q
        GROUP BY n.leg ORDER BY 2 DESC, n.leg LIMIT 1
    )
    SELECT count(*)::int, count(DISTINCT p.query_id)::int, count(*) FILTER (WHERE p.found)::int,
           count(*) FILTER (WHERE p.legs <> '{}')::int,
           count(*) FILTER (WHERE cardinality(p.legs) > 1)::int,
           count(*) FILTER (WHERE cardinality(p.legs) = 1)::int,
           count(*) FILTER (WHERE p.legs = '{}')::int,
           count(*) FILTER (WHERE p.legs <> '{}' AND NOT p.found)::int,
           count(*) FILTER (WHERE p.legs = '{}' AND p.found)::int,
           (SELECT avg(q.recall)::float8 FROM by_query AS q),
           (SELECT avg(q.oracle)::float8 FROM by_query AS q),
           (SELECT b.leg FROM best AS b), (SELECT b.recall::float8 FROM best AS b)
    FROM pair AS p
$$;

COMMENT ON FUNCTION eval.complementarity(int, text, int, int) IS
    'Relevant items of a run that any leg, one alone, or none has, beside what the answer has.';
