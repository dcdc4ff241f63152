-- Discounted cumulative gain of grades in rank order: sum of gain / log2(rank + 1) over the first k ranks.
-- The gain is the grade, or 2^grade - 1 where exponential; 0 for unjudged items (NULL) and grades of 0 and
-- below. Jarvelin, Kekalainen: Cumulated gain-based evaluation of IR techniques, 2002; exponential: Burges et
-- al., 2005.
--   SELECT impl.dcg('{3,NULL,0,2}', 10, false);
CREATE OR REPLACE FUNCTION impl.dcg(grades int[], k int, exponential boolean)
RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(sum(CASE WHEN exponential THEN 2::float8 ^ g.grade - 1
                             ELSE g.grade END / (ln(g.at + 1) / ln(2::float8)) ORDER BY g.at), 0)
    FROM unnest(grades) WITH ORDINALITY AS g(grade, at) WHERE g.grade > 0 AND (k IS NULL OR g.at <= k)
$$;

COMMENT ON FUNCTION impl.dcg(int[], int, boolean) IS 'Discounted cumulative gain of grades in rank order.';
