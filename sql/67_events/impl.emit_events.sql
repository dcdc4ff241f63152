-- Writes events of a kind in their order, queues them for the webhooks that ask for them, and notifies: on
-- seogo_events programs that listen, a JSON object of id and kind each; on seogo_work the workers. All of it
-- happens at commit, or not at all.
--   SELECT impl.emit_events('run.finished', ARRAY['{"run_id": 1, "state": "done"}']::jsonb[]);
CREATE OR REPLACE FUNCTION impl.emit_events(kind text, data jsonb[])
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    made bigint[];
BEGIN
    WITH written AS (
        INSERT INTO ops.event (kind, data)
        SELECT emit_events.kind, g.data FROM unnest(emit_events.data) WITH ORDINALITY AS g(data, n)
        ORDER BY g.n RETURNING id)
    SELECT array_agg(w.id ORDER BY w.id) INTO made FROM written AS w;
    PERFORM pg_notify('seogo_events', jsonb_build_object('id', m.id, 'kind', emit_events.kind)::text)
    FROM unnest(made) AS m(id) ORDER BY m.id;
    INSERT INTO ops.delivery (webhook_id, event_id)
    SELECT w.id, e.id FROM ops.event AS e JOIN ops.webhook AS w ON impl.wants_event(w, e)
    WHERE e.id = ANY (made);
    IF FOUND THEN
        PERFORM pg_notify('seogo_work', 'webhooks');
    END IF;
END $$;

COMMENT ON FUNCTION impl.emit_events(text, jsonb[]) IS
    'Writes events and queues them for webhooks, in the transaction of what they tell.';
