-- Rank test of two samples (Mann-Whitney, with the correction for ties): value is the probability that one of
-- the first is larger than one of the second, ties by half (0.5: the same); z is its distance from 0.5 in
-- standard deviations. NULL where a sample is empty or all values are equal.
-- Mann, Whitney: On a test of whether one of two random variables is stochastically larger, 1947.
--   SELECT value, z FROM impl.rank_drift('{3,4,5}', '{1,2,3}');
CREATE OR REPLACE FUNCTION impl.rank_drift(
    recent real[],
    reference real[],
    OUT value float8,
    OUT z float8)
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    WITH tied AS (
        SELECT count(*)::float8 AS t, count(*) FILTER (WHERE v.recent)::float8 AS mine,
               sum(count(*)) OVER (ORDER BY v.x)::float8 AS up_to
        FROM (SELECT x, true AS recent FROM unnest(rank_drift.recent) AS x
              UNION ALL SELECT x, false FROM unnest(rank_drift.reference) AS x) AS v
        GROUP BY v.x
    ),
    summed AS (
        SELECT sum(tied.mine * (tied.up_to - (tied.t - 1) / 2)) AS ranks, sum(tied.t ^ 3 - tied.t) AS ties,
               sum(tied.mine) AS n, sum(tied.t - tied.mine) AS m
        FROM tied
    ),
    tested AS (
        SELECT (s.ranks - s.n * (s.n + 1) / 2) / nullif(s.n * s.m, 0) AS share,
               (s.n + s.m + 1 - s.ties / nullif((s.n + s.m) * (s.n + s.m - 1), 0))
                   / nullif(12 * s.n * s.m, 0) AS variance
        FROM summed AS s
    )
    SELECT t.share, (t.share - 0.5) / nullif(sqrt(greatest(t.variance, 0)), 0) FROM tested AS t
$$;

COMMENT ON FUNCTION impl.rank_drift(real[], real[]) IS
    'Probability that a value of one sample is larger than one of another, and how far from chance it is.';
