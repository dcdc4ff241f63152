-- Measurements of drift of scores, the latest of each live bank marked; see ops.measure_score_drift. A live
-- bank that was never measured, or had too few pictures, has none.
--   SELECT product, view, measure, value, reference, alarm FROM search.score_drift WHERE latest;
CREATE OR REPLACE VIEW search.score_drift WITH (security_invoker = true) AS
SELECT d.bank_id, p.name AS product, b.view, b.version AS bank_version, d.measure, d.n, d.reference_n,
       d.value, d.reference, d.z, d.alarm, d.measured_at,
       b.status = 'live' AND d.measured_at = max(d.measured_at) OVER (PARTITION BY d.bank_id) AS latest
FROM ops.score_drift AS d
JOIN core.patch_bank AS b ON b.id = d.bank_id
JOIN core.product AS p ON p.id = b.product_id;

COMMENT ON VIEW search.score_drift IS
    'Drift of scores by memory bank: measures, the reference each is compared with, and alarms.';
