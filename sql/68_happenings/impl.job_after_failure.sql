-- Trigger: an event when a scheduled job has failed for good, after its last attempt; the state of the queue
-- itself (`upkeep`) is nobody's job. Runs as the owner: schedulers need not be allowed to write events.
CREATE OR REPLACE FUNCTION impl.job_after_failure()
RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM impl.emit_events('job.failed', ARRAY[jsonb_build_object(
        'job_id', new.id, 'task', new.task_name, 'attempts', new.attempts, 'run_id', r.id, 'error', r.error)])
    FROM (SELECT) AS one
    LEFT JOIN LATERAL (
        SELECT u.id, u.error FROM ops.run AS u
        WHERE u.kind = new.task_name AND u.args ->> 'job_id' = new.id::text ORDER BY u.id DESC LIMIT 1
    ) AS r ON true;
    RETURN NULL;
END $$;

COMMENT ON FUNCTION impl.job_after_failure() IS 'Trigger: an event when a scheduled job has failed.';

CREATE OR REPLACE TRIGGER job_after_failure
    AFTER UPDATE OF status ON jobs.procrastinate_jobs
    FOR EACH ROW WHEN (new.status::text = 'failed' AND old.status::text <> 'failed'
                       AND new.queue_name <> 'upkeep')
    EXECUTE FUNCTION impl.job_after_failure();
