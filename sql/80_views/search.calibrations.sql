-- Similarity that chance brings, per live space and collection that feeds it; NULL where not calibrated.
--   SELECT * FROM search.calibrations WHERE threshold IS NULL;
CREATE OR REPLACE VIEW search.calibrations WITH (security_invoker = true) AS
SELECT c.name AS collection, s.name AS space, s.generation, a.threshold, a.median, a.pairs, a.items, a.probes,
       a.calibrated_at
FROM core.collection AS c JOIN ops.space AS s ON c.vector_sources ? s.name AND s.status = 'live'
LEFT JOIN ops.calibration AS a ON a.space_id = s.id AND a.collection_id = c.id;

COMMENT ON VIEW search.calibrations IS
    'Per collection and live space, the similarity below which a match is weak; NULL: not calibrated.';
