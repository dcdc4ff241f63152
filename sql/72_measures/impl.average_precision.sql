-- Average precision: the precision at each relevant item among the first k, summed and divided by the number
-- of all relevant items. 0 without any.
--   SELECT impl.average_precision('{1,NULL,1}', 3, 10, 1);   -- (1/1 + 2/3) / 3
CREATE OR REPLACE FUNCTION impl.average_precision(grades int[], relevant_n bigint, k int, rel int)
RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(sum(r.nth / r.at::float8 ORDER BY r.at) / nullif(relevant_n, 0), 0)
    FROM (SELECT g.at, row_number() OVER (ORDER BY g.at) AS nth
          FROM unnest(grades) WITH ORDINALITY AS g(grade, at)
          WHERE g.grade >= rel AND (k IS NULL OR g.at <= k)) AS r
$$;

COMMENT ON FUNCTION impl.average_precision(int[], bigint, int, int) IS
    'Average precision of grades in rank order.';
