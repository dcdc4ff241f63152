-- Scheduled jobs that wait, run, or ran, queued by `seogo schedule` and the scheduler (procrastinate, schema
-- jobs). state: todo, doing, succeeded, failed, cancelled, aborted; counts and error: as recorded by the run.
--   SELECT job_id, task, state, started_at, counts, error FROM search.jobs ORDER BY job_id DESC LIMIT 5;
CREATE OR REPLACE VIEW search.jobs WITH (security_invoker = true) AS
SELECT j.id AS job_id, j.task_name AS task, j.status::text AS state, j.attempts, j.scheduled_at,
       e.queued_at, e.started_at,
       CASE WHEN j.status::text NOT IN ('todo', 'doing') THEN e.finished_at END AS finished_at,
       j.abort_requested, r.id AS run_id, r.counts, r.error
FROM jobs.procrastinate_jobs AS j
CROSS JOIN LATERAL (
    SELECT max(v.at) FILTER (WHERE v.type::text IN ('deferred', 'scheduled')) AS queued_at,
           max(v.at) FILTER (WHERE v.type::text = 'started') AS started_at,
           max(v.at) FILTER (WHERE v.type::text IN ('succeeded', 'failed', 'cancelled', 'aborted'))
               AS finished_at
    FROM jobs.procrastinate_events AS v WHERE v.job_id = j.id
) AS e
LEFT JOIN LATERAL (
    SELECT u.id, u.counts, u.error FROM ops.run AS u
    WHERE u.kind = j.task_name AND u.args ->> 'job_id' = j.id::text ORDER BY u.id DESC LIMIT 1
) AS r ON true
WHERE j.queue_name <> 'upkeep';

COMMENT ON VIEW search.jobs IS 'Scheduled jobs with their state and result.';
