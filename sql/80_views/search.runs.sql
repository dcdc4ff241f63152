-- Runs of jobs, the latest first by run_id: progress and counts.
--   SELECT run_id, kind, state, counts, errors FROM search.runs ORDER BY run_id DESC LIMIT 5;
CREATE OR REPLACE VIEW search.runs WITH (security_invoker = true) AS
SELECT r.id AS run_id, r.kind, r.state, r.args, r.cursor, r.counts, r.stages,
       (SELECT count(*) FROM ops.run_item_error AS e
        WHERE e.run_id = r.id AND e.retried_by IS NULL) AS errors,
       r.error, r.started_at, r.updated_at, r.finished_at
FROM ops.run AS r;

COMMENT ON VIEW search.runs IS 'Runs of jobs: arguments, cursor, counts, time per stage, rejected records.';
