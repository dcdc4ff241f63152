-- Kolmogorov-Smirnov distance of two samples: the largest difference between their cumulative distributions,
-- in [0, 1].
--   SELECT impl.ks_distance('{1,2,3}', '{2,3,4}');
CREATE OR REPLACE FUNCTION impl.ks_distance(one float8[], other float8[])
RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT max(abs(c.one_n / cardinality(one)::float8 - c.other_n / cardinality(other)::float8))
    FROM (SELECT count(v.one) OVER w AS one_n, count(v.other) OVER w AS other_n
          FROM (SELECT x, 1 AS one, NULL::int AS other FROM unnest(one) AS x UNION ALL SELECT x, NULL, 1
                FROM unnest(other) AS x) AS v
          WINDOW w AS (ORDER BY v.x)) AS c
$$;

COMMENT ON FUNCTION impl.ks_distance(float8[], float8[]) IS 'Kolmogorov-Smirnov distance of two samples.';
