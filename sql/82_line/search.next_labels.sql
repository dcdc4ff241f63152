-- Inspected pictures of a product whose labels would change most, the k best together: each as uncertain as
-- possible and unlike those before it (greedy, uncertainty times novelty), so that k labels are not of one
-- surface seen k times. Among the 300 most uncertain that nobody has labelled or registered.
--   uncertainty  1 at the threshold or without a bank, 0 at half of it or at one and a half times; at least
--                0.8 where the most similar registered picture has another label than the verdict
--   novelty      1 minus the similarity to the nearest pick before; pictures are alike that have the same
--                nearest registered pictures (share of them in common)
--   covers       of the 300, those that are most like this pick (at least half of the neighbours in common;
--                itself included): what the label says of this one it says of them
--   alarms, passes  of these, above the threshold, and below or not judged: what a label `normal` puts in
--                question, and what a label `defect` does
--   waiting      all pictures of the product without a label that are uncertain at all
--   SELECT place, analysis_id, uncertainty, covers, alarms, passes FROM search.next_labels('bracket', 20);
CREATE OR REPLACE FUNCTION search.next_labels(product text, k int DEFAULT 20)
RETURNS TABLE (
    place int,
    analysis_id bigint,
    view text,
    verdict text,
    defect text,
    score float8,
    threshold float8,
    uncertainty float8,
    novelty float8,
    covers int,
    alarms int,
    passes int,
    waiting int)
LANGUAGE plpgsql STABLE ROWS 20
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    most CONSTANT int := 300;
    alike CONSTANT float8 := 0.5;
    wide CONSTANT float8 := 0.5;
    disagrees CONSTANT float8 := 0.8;
    of_product CONSTANT core.product := impl.product(next_labels.product);
    ids bigint[];
    unsure float8[];
    nears text[];
    near float8[];  -- similarity to the nearest pick so far
    whose int[];    -- which that is
    gains float8[] := '{}';
    picks int[] := '{}';
    best int;
    whole int;
BEGIN
    PERFORM impl.at_least('k', next_labels.k, 1);
    SELECT array_agg(g.id ORDER BY g.at), array_agg(g.u ORDER BY g.at), array_agg(g.near ORDER BY g.at),
           max(g.whole)
    INTO ids, unsure, nears, whole
    FROM (
        SELECT w.*, row_number() OVER (ORDER BY w.u DESC, w.id DESC) AS at, count(*) OVER () AS whole
        FROM (
            SELECT a.id, ARRAY(SELECT (n.value ->> 'item_id')::bigint
                               FROM jsonb_array_elements(a.nearest) AS n)::text AS near,
                   greatest(
                       coalesce(1 - abs(a.score / a.threshold - 1) / wide, 1),
                       CASE WHEN a.nearest -> 0 ->> 'label'
                                 <> CASE WHEN a.score > a.threshold THEN 'defect' ELSE 'normal' END
                            THEN disagrees ELSE 0 END) AS u
            FROM core.analysis AS a
            WHERE a.product_id = of_product.id AND a.item_id IS NULL
              AND NOT EXISTS (SELECT FROM core.feedback AS f WHERE f.analysis_id = a.id)
        ) AS w WHERE w.u > 0
    ) AS g WHERE g.at <= most;
    near := array_fill(0::float8, ARRAY[coalesce(cardinality(ids), 0)]);
    whose := array_fill(0, ARRAY[coalesce(cardinality(ids), 0)]);
    FOR turn IN 1 .. least(next_labels.k, coalesce(cardinality(ids), 0)) LOOP
        SELECT g.i INTO best FROM generate_subscripts(ids, 1) AS g(i)
        WHERE g.i <> ALL (picks) ORDER BY unsure[g.i] * (1 - near[g.i]) DESC, g.i LIMIT 1;
        gains := gains || (1 - near[best]);
        picks := picks || best;
        SELECT array_agg(greatest(s.sim, near[s.i]) ORDER BY s.i),
               array_agg(CASE WHEN s.sim > near[s.i] THEN turn ELSE whose[s.i] END ORDER BY s.i)
        INTO near, whose
        FROM (SELECT g.i, CASE WHEN g.i = best THEN 1
                               ELSE impl.shared_share(nears[g.i]::bigint[], nears[best]::bigint[]) END AS sim
              FROM generate_subscripts(ids, 1) AS g(i)) AS s;
        whose[best] := turn;
    END LOOP;
    RETURN QUERY
    SELECT p.turn::int, a.analysis_id, a.view, a.verdict, a.defect, a.score::float8, a.threshold::float8,
           unsure[p.i], gains[p.turn], c.n, c.alarms, c.n - c.alarms, whole
    FROM unnest(picks) WITH ORDINALITY AS p(i, turn)
    JOIN search.analyses AS a ON a.analysis_id = ids[p.i]
    CROSS JOIN LATERAL (
        SELECT count(*)::int AS n, count(*) FILTER (WHERE o.score > o.threshold)::int AS alarms
        FROM generate_subscripts(ids, 1) AS g(i) JOIN core.analysis AS o ON o.id = ids[g.i]
        WHERE whose[g.i] = p.turn AND near[g.i] >= alike
    ) AS c
    ORDER BY p.turn;
END $$;

COMMENT ON FUNCTION search.next_labels(text, int) IS
    'Inspected pictures whose labels would change most: uncertain, unlike each other.';
