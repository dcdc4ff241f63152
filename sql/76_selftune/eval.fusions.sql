-- Fusions of the collections, and on what each rests: a person's judgments or choice (`rests_on` person),
-- queries made from its own texts (made queries, with their figures in `basis`), or nothing
-- (default: every leg alike, by reciprocal ranks).
--   SELECT collection, profile, rests_on, weights, basis FROM eval.fusions;
CREATE OR REPLACE VIEW eval.fusions WITH (security_invoker = true) AS
SELECT c.name AS collection, p.name AS profile, coalesce(p.method, 'rrf') AS method,
       coalesce(p.normalization, 'minmax') AS normalization, coalesce(p.k_rrf, 60) AS k_rrf,
       coalesce(p.weights, '{}') AS weights,
       CASE WHEN p.id IS NULL THEN 'default' WHEN p.basis IS NULL THEN 'person' ELSE 'made queries' END
           AS rests_on,
       coalesce(p.basis, '{}') AS basis, p.created_at AS since
FROM core.collection AS c
LEFT JOIN eval.profile AS p ON p.collection_id = c.id AND p.active AND p.query_kind IS NULL
    AND p.asker IS NULL
ORDER BY c.name;

COMMENT ON VIEW eval.fusions IS 'Fusions of the collections, and on what each rests.';
