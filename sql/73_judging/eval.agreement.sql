-- Agreement of each two judges on the items of a set that both judged: share of equal grades, Cohen's kappa
-- (A coefficient of agreement for nominal scales, 1960) and his weighted kappa with quadratic weights
-- (1968), by which 3 and 2 are nearer than 3 and 0. 1: always the same; 0: as by chance; NULL where one of
-- them gave a single grade only, so that nothing could differ. By the number of common items, the most
-- first, then by name. Error SG001: no such set.
--   SELECT first, second, items, kappa FROM eval.agreement('asked');
CREATE OR REPLACE FUNCTION eval.agreement(query_set text, source text DEFAULT 'people')
RETURNS TABLE (first text, second text, items int, equal float8, kappa float8, weighted_kappa float8)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 10
SET search_path = pg_catalog, pg_temp
AS $$
    WITH vote AS MATERIALIZED (SELECT v.* FROM impl.votes(agreement.query_set, agreement.source) AS v),
    pair AS (
        SELECT a.judge AS one, b.judge AS two, a.grade AS x, b.grade AS y
        FROM vote AS a JOIN vote AS b USING (query_id, external_id) WHERE a.judge < b.judge
    ),
    found AS (
        SELECT p.one, p.two, count(*)::float8 AS n, avg((p.x = p.y)::int)::float8 AS equal,
               avg((p.x - p.y) ^ 2) AS far
        FROM pair AS p GROUP BY p.one, p.two
    ),
    of_one AS (SELECT p.one, p.two, p.x AS grade, count(*) AS n FROM pair AS p GROUP BY p.one, p.two, p.x),
    of_two AS (SELECT p.one, p.two, p.y AS grade, count(*) AS n FROM pair AS p GROUP BY p.one, p.two, p.y),
    chance AS (
        SELECT a.one, a.two, sum(a.n * b.n * (a.grade = b.grade)::int)::float8 AS equal,
               sum(a.n * b.n * (a.grade - b.grade) ^ 2) AS far
        FROM of_one AS a JOIN of_two AS b USING (one, two) GROUP BY a.one, a.two
    )
    SELECT f.one, f.two, f.n::int, f.equal,
           (f.equal - c.equal / (f.n * f.n)) / nullif(1 - c.equal / (f.n * f.n), 0),
           1 - f.far / nullif(c.far / (f.n * f.n), 0)
    FROM found AS f JOIN chance AS c USING (one, two)
    ORDER BY f.n DESC, f.one, f.two
$$;

COMMENT ON FUNCTION eval.agreement(text, text) IS
    'Agreement of each two judges of a set: equal grades, Cohen''s kappa, weighted kappa.';
