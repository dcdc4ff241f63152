-- Deletes events older than an interval that wait for no webhook, with their deliveries, dead ones too;
-- returns how many.
--   SELECT ops.forget_events('10 years');
CREATE OR REPLACE FUNCTION ops.forget_events(older_than interval)
RETURNS bigint
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    WITH gone AS (
        DELETE FROM ops.event AS e
        WHERE e.at < now() - older_than
          AND NOT EXISTS (SELECT FROM ops.delivery AS d WHERE d.event_id = e.id AND d.state = 'waiting')
        RETURNING e.id)
    SELECT count(*) FROM gone;
$$;

COMMENT ON FUNCTION ops.forget_events(interval) IS
    'Deletes old events that wait for no webhook; returns how many.';
