-- Differences between the vectors of a generation and those of the one before, as last measured; see
-- ops.measure_drift. Per measure: quantiles 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99 of both, and ks, the
-- largest difference between the two cumulative distributions (Kolmogorov-Smirnov), 0: the same.
--   SELECT space, generation, measure, quantiles[4] AS median, previous[4] AS median_before, ks
--       FROM search.drift;
CREATE OR REPLACE VIEW search.drift WITH (security_invoker = true) AS
SELECT s.name AS space, s.generation, p.generation AS previous_generation, d.measure, d.n, d.quantiles,
       d.previous, d.ks, d.measured_at
FROM ops.space AS s
CROSS JOIN LATERAL (
    SELECT DISTINCT ON (m.measure) m.* FROM ops.drift AS m WHERE m.space_id = s.id
    ORDER BY m.measure, m.measured_at DESC, m.id DESC
) AS d
LEFT JOIN ops.space AS p ON p.id = d.previous_id;

COMMENT ON VIEW search.drift IS
    'Distributions of similarities and norms of a generation, beside those of the one before.';
