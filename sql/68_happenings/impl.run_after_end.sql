-- Trigger: an event when a run has ended: done, failed or stopped. Runs as the owner: whoever may record
-- runs need not be allowed to write events.
CREATE OR REPLACE FUNCTION impl.run_after_end()
RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM impl.emit_events('run.finished', ARRAY[jsonb_build_object(
        'run_id', new.id, 'kind', new.kind, 'state', new.state, 'counts', new.counts, 'error', new.error,
        'started_at', new.started_at, 'finished_at', new.finished_at)]);
    RETURN NULL;
END $$;

COMMENT ON FUNCTION impl.run_after_end() IS 'Trigger: an event when a run has ended.';

CREATE OR REPLACE TRIGGER run_after_end
    AFTER UPDATE OF state ON ops.run
    FOR EACH ROW WHEN (new.state <> 'running' AND old.state = 'running')
    EXECUTE FUNCTION impl.run_after_end();
