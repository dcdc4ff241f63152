-- Krippendorff's alpha of all judges of a set together, for ordered grades (Content Analysis, 2004, chapter
-- 11; the ordinal metric is the distance of two grades in mid-ranks of all votes). It takes any number of
-- judges, of whom each has seen some of the items; an item with one vote says nothing. 1: full agreement;
-- 0: as by chance; below: systematic disagreement; above 0.8 is commonly held reliable. NULL: no item has
-- two votes, or all votes are the same grade. Error SG001: no such set.
--   SELECT judges, items, votes, alpha FROM eval.reliability('asked');
CREATE OR REPLACE FUNCTION eval.reliability(
    query_set text,
    source text DEFAULT 'people',
    OUT judges int,
    OUT items int,
    OUT votes int,
    OUT alpha float8)
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    WITH vote AS MATERIALIZED (
        SELECT v.*, count(*) OVER (PARTITION BY v.query_id, v.external_id) AS m
        FROM impl.votes(reliability.query_set, reliability.source) AS v
    ),
    pairable AS MATERIALIZED (SELECT v.* FROM vote AS v WHERE v.m > 1),
    margin AS (
        SELECT g.grade, g.n, sum(g.n) OVER (ORDER BY g.grade) - g.n / 2 AS middle
        FROM (SELECT p.grade, count(*)::float8 AS n FROM pairable AS p GROUP BY p.grade) AS g
    ),
    observed AS (
        SELECT sum((x.middle - y.middle) ^ 2 / (a.m - 1)) AS far
        FROM pairable AS a JOIN pairable AS b USING (query_id, external_id)
        JOIN margin AS x ON x.grade = a.grade JOIN margin AS y ON y.grade = b.grade
        WHERE a.judge <> b.judge
    ),
    expected AS (
        SELECT sum(x.n * y.n * (x.middle - y.middle) ^ 2) / nullif((SELECT sum(o.n) FROM margin AS o) - 1, 0)
               AS far
        FROM margin AS x CROSS JOIN margin AS y
    )
    SELECT (SELECT count(DISTINCT p.judge) FROM pairable AS p)::int,
           (SELECT count(*) FROM (SELECT DISTINCT p.query_id, p.external_id FROM pairable AS p) AS d)::int,
           (SELECT count(*) FROM pairable)::int,
           1 - o.far / nullif(e.far, 0)
    FROM observed AS o CROSS JOIN expected AS e
$$;

COMMENT ON FUNCTION eval.reliability(text, text) IS
    'Krippendorff''s alpha of all judges of a set, for ordered grades.';
