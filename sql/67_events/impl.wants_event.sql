-- True where a webhook asks for an event, by its kind and by what its data contain. No SET: inlined into the
-- calling statement.
--   SELECT w.name FROM ops.webhook AS w, ops.event AS e WHERE impl.wants_event(w, e) AND e.id = 1;
CREATE OR REPLACE FUNCTION impl.wants_event(hook ops.webhook, event ops.event)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT (hook.kinds IS NULL OR event.kind = ANY (hook.kinds)) AND event.data @> hook.filter $$;

COMMENT ON FUNCTION impl.wants_event(ops.webhook, ops.event) IS 'True where a webhook asks for an event.';
