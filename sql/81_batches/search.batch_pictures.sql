-- Pictures of batches (`seogo defects analyze FOLDER`, POST /defects/batch), by run and path: waiting,
-- inspected or refused; the reason is in ops.run_item_error. What was found is NULL where the analysis was
-- deleted.
--   SELECT place, verdict, defect, score FROM search.batch_pictures WHERE run_id = 1 ORDER BY score DESC;
CREATE OR REPLACE VIEW search.batch_pictures WITH (security_invoker = true) AS
SELECT b.run_id, b.place, b.state, b.analysis_id, a.product, a.view, a.verdict, a.defect, a.score,
       a.threshold, a.said, a.said_defect, a.degraded, a.created_at, a.guess
FROM core.batch_picture AS b LEFT JOIN search.analyses AS a ON a.analysis_id = b.analysis_id;

COMMENT ON VIEW search.batch_pictures IS 'Pictures of batches with their verdicts, by run and path.';
