-- Pauses a webhook, or lets it go on: what happens while it is paused waits.
--   SELECT ops.pause_webhook('mes', true);
CREATE OR REPLACE FUNCTION ops.pause_webhook(name text, paused boolean)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE ops.webhook AS w SET paused = pause_webhook.paused
    WHERE w.id = (impl.webhook(pause_webhook.name)).id;
    PERFORM pg_notify('seogo_work', 'webhooks');
END $$;

COMMENT ON FUNCTION ops.pause_webhook(text, boolean) IS 'Pauses a webhook, or lets it go on.';
