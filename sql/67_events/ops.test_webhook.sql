-- Queues an event of the kind `test` for one webhook, whatever it asks for; returns its id.
--   SELECT ops.test_webhook('mes');
CREATE OR REPLACE FUNCTION ops.test_webhook(name text)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    hook CONSTANT ops.webhook := impl.webhook(test_webhook.name);
    made bigint;
BEGIN
    INSERT INTO ops.event (kind, data) VALUES ('test', jsonb_build_object('webhook', hook.name))
    RETURNING id INTO made;
    INSERT INTO ops.delivery (webhook_id, event_id) VALUES (hook.id, made);
    PERFORM pg_notify('seogo_work', 'webhooks');
    RETURN made;
END $$;

COMMENT ON FUNCTION ops.test_webhook(text) IS 'Queues a test event for a webhook; returns its id.';
