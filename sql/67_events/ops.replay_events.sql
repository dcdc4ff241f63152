-- Sends events to a webhook again, and returns how many: its dead letters; or one event, whatever became of
-- it; or all since a time that the webhook asks for, also those from before it was made. They keep their
-- message_id, so that receivers can drop what they have.
--   SELECT ops.replay_events('mes');
--   SELECT ops.replay_events('mes', since => now() - interval '1 day');
CREATE OR REPLACE FUNCTION ops.replay_events(
    name text,
    event_id bigint DEFAULT NULL,
    since timestamptz DEFAULT NULL)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    hook CONSTANT ops.webhook := impl.webhook(replay_events.name);
    replayed bigint;
BEGIN
    IF replay_events.event_id IS NOT NULL
       AND NOT EXISTS (SELECT FROM ops.event AS e WHERE e.id = replay_events.event_id) THEN
        RAISE EXCEPTION 'there is no event %', replay_events.event_id
            USING ERRCODE = 'SG001', HINT = 'See search.events.';
    END IF;
    INSERT INTO ops.delivery AS d (webhook_id, event_id)
    SELECT hook.id, e.id FROM ops.event AS e
    WHERE CASE WHEN replay_events.event_id IS NOT NULL THEN e.id = replay_events.event_id
               WHEN since IS NOT NULL THEN e.at >= since AND impl.wants_event(hook, e)
               ELSE e.id IN (SELECT o.event_id FROM ops.delivery AS o
                             WHERE o.webhook_id = hook.id AND o.state = 'dead') END
    ORDER BY e.id
    ON CONFLICT (webhook_id, event_id) DO UPDATE
        SET state = 'waiting', attempts = 0, next_attempt_at = now(), lease_until = NULL, lease_by = NULL,
            status = NULL, error = NULL, ended_at = NULL;
    GET DIAGNOSTICS replayed = ROW_COUNT;
    PERFORM pg_notify('seogo_work', 'webhooks');
    RETURN replayed;
END $$;

COMMENT ON FUNCTION ops.replay_events(text, bigint, timestamptz) IS
    'Sends dead letters, one event, or all since a time to a webhook again; returns how many.';
