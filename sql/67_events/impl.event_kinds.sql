-- Kinds of events that are written; `test` is sent by ops.test_webhook alone. No SET: inlined into the
-- calling expression.
--   SELECT impl.event_kinds();
CREATE OR REPLACE FUNCTION impl.event_kinds()
RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT '{analysis.judged,analysis.labelled,run.finished,job.failed,drift.measured}'::text[]
$$;

COMMENT ON FUNCTION impl.event_kinds() IS 'Kinds of events that a webhook may ask for.';
