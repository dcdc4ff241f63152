-- Decisions on collections by held-out queries, the newest first: the proposed change, whether it was made,
-- and why.
--   SELECT collection, kind, activated, reason FROM eval.decisions LIMIT 5;
CREATE OR REPLACE VIEW eval.decisions WITH (security_invoker = true) AS
SELECT d.id AS decision_id, c.name AS collection, d.kind, d.activated, d.reason, d.measure, d.source,
       d.candidate, d.figures, d.run_id, d.decided_at,
       CASE d.kind WHEN 'fusion' THEN EXISTS (SELECT FROM eval.profile AS p
                                              WHERE p.collection_id = c.id AND p.active
                                                AND (p.name IN ('tuned-' || d.id, 'self-' || d.id)
                                                     OR d.activated AND p.name = d.candidate ->> 'profile'))
                   WHEN 'lexical' THEN d.activated AND EXISTS (
                       SELECT FROM core.lexical_index AS x WHERE x.collection_id = c.id AND x.status = 'live'
                       AND d.candidate = jsonb_build_object(
                           'k1', x.k1, 'b', x.b, 'field_weights', x.field_weights))
                   ELSE EXISTS (SELECT FROM eval.reranker AS r WHERE r.decision_id = d.id) END AS in_use
FROM eval.decision AS d JOIN core.collection AS c ON c.id = d.collection_id
ORDER BY d.id DESC;

COMMENT ON VIEW eval.decisions IS
    'Fusion profiles, rerankers and settings of BM25 that were measured: whether each was activated, and '
    'why.';
