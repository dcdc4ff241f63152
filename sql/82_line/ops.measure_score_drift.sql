-- Measures, per live bank that has judged pictures since it was last measured, whether its scores drift: a
-- lamp ages, a lens gets dirty, a supplier changes. Three measures, each stored in ops.score_drift:
--   calibration  recent scores against those of the normal pictures that set the threshold, both only up to
--                it: alarm where they are higher (impl.rank_drift)
--   before       recent scores against those of the pictures before them: alarm where higher or lower
--   share        share of recent pictures above the threshold against the share before: alarm where it is
--                another, by at least 5 in 100 (test of two proportions)
-- Alarms are of differences that chance brings once in a thousand nights (3.29 standard deviations) and that
-- are large enough to matter (a probability of at least 0.65, or at most 0.35). A measure with fewer than
-- least_n pictures on a side is left out: n and reference_n of search.score_drift say what was compared.
--   SELECT product, view, measure, value, reference, alarm FROM ops.measure_score_drift();
CREATE OR REPLACE FUNCTION ops.measure_score_drift(recent_n int DEFAULT 200, least_n int DEFAULT 20)
RETURNS TABLE (
    product text, view text, measure text, n int, reference_n int, value float8, reference float8, z float8,
    alarm boolean)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    far CONSTANT float8 := 3.29;
    likely CONSTANT float8 := 0.15;
    larger CONSTANT float8 := 0.05;
BEGIN
    PERFORM impl.at_least('recent_n', recent_n, 1), impl.at_least('least_n', least_n, 1);
    RETURN QUERY
    WITH bank AS MATERIALIZED (
        SELECT b.id, p.name, b.view, b.threshold, s.calibration, s.recent, s.before
        FROM core.patch_bank AS b
        JOIN core.product AS p ON p.id = b.product_id
        CROSS JOIN LATERAL impl.drift_scores(b.id, measure_score_drift.recent_n) AS s
        WHERE b.status = 'live' AND s.latest_at > coalesce(
            (SELECT max(d.measured_at) FROM ops.score_drift AS d WHERE d.bank_id = b.id), '-infinity')
    ),
    compared AS (
        SELECT b.id, 'calibration' AS measure,
               ARRAY(SELECT x FROM unnest(b.recent) AS x WHERE x <= b.threshold) AS mine,
               ARRAY(SELECT x FROM unnest(b.calibration) AS x WHERE x <= b.threshold) AS others
        FROM bank AS b
        UNION ALL SELECT b.id, 'before', b.recent, b.before FROM bank AS b
    ),
    ranked AS (
        SELECT c.id, c.measure, cardinality(c.mine) AS n, cardinality(c.others) AS reference_n, r.value,
               0.5::float8 AS reference, coalesce(r.z, 0) AS z,
               coalesce(r.z > far AND r.value - 0.5 >= likely
                        OR c.measure = 'before' AND r.z < -far AND 0.5 - r.value >= likely, false) AS alarm
        FROM compared AS c CROSS JOIN LATERAL impl.rank_drift(c.mine, c.others) AS r
    ),
    share AS (
        SELECT b.id, 'share', cardinality(b.recent) AS n, cardinality(b.before) AS reference_n, a.mine,
               a.others, (a.mine - a.others) / nullif(sqrt(a.pooled * (1 - a.pooled)
                   * (1.0 / nullif(cardinality(b.recent), 0)
                      + 1.0 / nullif(cardinality(b.before), 0))), 0) AS z
        FROM bank AS b CROSS JOIN LATERAL (
            SELECT avg((g.score > b.threshold)::int) FILTER (WHERE g.recent)::float8 AS mine,
                   avg((g.score > b.threshold)::int) FILTER (WHERE NOT g.recent)::float8 AS others,
                   avg((g.score > b.threshold)::int)::float8 AS pooled
            FROM (SELECT x AS score, true AS recent FROM unnest(b.recent) AS x
                  UNION ALL SELECT x, false FROM unnest(b.before) AS x) AS g) AS a
    ),
    stored AS (
        INSERT INTO ops.score_drift AS d (bank_id, measure, n, reference_n, value, reference, z, alarm)
        SELECT m.* FROM (
            SELECT r.* FROM ranked AS r
            UNION ALL SELECT s.*, coalesce(abs(s.z) > far AND abs(s.mine - s.others) >= larger, false)
            FROM (SELECT id, 'share', n, reference_n, mine, others, coalesce(z, 0) AS z FROM share) AS s
        ) AS m
        WHERE m.n >= measure_score_drift.least_n AND m.reference_n >= measure_score_drift.least_n
        ORDER BY m.id, m.measure
        RETURNING d.*
    )
    SELECT b.name, b.view, d.measure, d.n, d.reference_n, d.value, d.reference, d.z, d.alarm
    FROM stored AS d JOIN bank AS b ON b.id = d.bank_id ORDER BY b.name, b.view, d.measure;
END $$;

COMMENT ON FUNCTION ops.measure_score_drift(int, int) IS
    'Measures and stores whether the scores of live banks drift; returns what was measured.';
