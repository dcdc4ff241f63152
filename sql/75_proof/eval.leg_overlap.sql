-- Overlap of the legs of a run: for each leg and each other one, of the relevant items of its queries how
-- many the leg has among its first k (found), how many both have (shared), how many the leg has and the
-- other has not (apart), and shared / either (jaccard, in [0, 1]; NULL where neither has any). The leg with
-- itself is one row as well: the diagonal. Ordered by the names of the legs.
--   SELECT leg, other, shared FROM eval.leg_overlap(1);
CREATE OR REPLACE FUNCTION eval.leg_overlap(
    run_id int,
    source text DEFAULT NULL,
    k int DEFAULT 10,
    min_grade int DEFAULT 1)
RETURNS TABLE (leg text, other text, found int, shared int, apart int, jaccard float8)
LANGUAGE sql STABLE ROWS 16
SET search_path = pg_catalog, pg_temp
AS $$
    WITH run AS MATERIALIZED (SELECT impl.evaluation_run(leg_overlap.run_id) AS run),
    pair AS MATERIALIZED (
        SELECT impl.first_legs(p.legs, leg_overlap.k) AS legs
        FROM run AS r
        CROSS JOIN LATERAL impl.placed_pairs(r.run, leg_overlap.source, leg_overlap.k,
                                             leg_overlap.min_grade) AS p
    ),
    leg AS MATERIALIZED (
        SELECT n.leg FROM run AS r CROSS JOIN LATERAL unnest(impl.run_leg_names(r.run)) AS n(leg)
    )
    SELECT a.leg, b.leg, c.found, c.shared, c.found - c.shared, c.shared::float8 / nullif(c.either, 0)
    FROM leg AS a CROSS JOIN leg AS b
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE a.leg = ANY (p.legs))::int AS found,
               count(*) FILTER (WHERE p.legs @> ARRAY[a.leg, b.leg])::int AS shared,
               count(*) FILTER (WHERE p.legs && ARRAY[a.leg, b.leg])::int AS either
        FROM pair AS p
    ) AS c
    ORDER BY a.leg, b.leg
$$;

COMMENT ON FUNCTION eval.leg_overlap(int, text, int, int) IS
    'Legs by legs of a run: relevant items that one has, both have, and one has alone of the two.';
