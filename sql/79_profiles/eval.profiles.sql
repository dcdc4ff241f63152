-- Fusion profiles of the collections: settings, whether one is in use and for which queries, the trial that
-- waits or failed, and the last decision about it.
--   SELECT profile, active, method, weights, decided, reason FROM eval.profiles WHERE collection = 'parts';
CREATE OR REPLACE VIEW eval.profiles WITH (security_invoker = true) AS
SELECT c.name AS collection, p.name AS profile, p.active, p.query_kind, p.asker, p.method, p.normalization,
       p.k_rrf, p.weights, p.model IS NOT NULL AS trees, p.note, p.trial, p.created_at,
       d.decision_id, d.activated AS decided, d.reason, d.decided_at
FROM eval.profile AS p JOIN core.collection AS c ON c.id = p.collection_id
LEFT JOIN LATERAL (
    SELECT e.id AS decision_id, e.activated, e.reason, e.decided_at FROM eval.decision AS e
    WHERE e.collection_id = p.collection_id AND e.kind = 'fusion'
      AND (e.candidate ->> 'profile' = p.name OR p.name IN ('tuned-' || e.id, 'self-' || e.id))
    ORDER BY e.id DESC LIMIT 1) AS d ON true
ORDER BY c.name, p.active DESC, p.id DESC;

COMMENT ON VIEW eval.profiles IS 'Fusion profiles, their trials and the last decision about each.';
