-- Deletes a webhook with its secrets and deliveries, also those that wait; returns how many waited.
--   SELECT ops.delete_webhook('mes');
CREATE OR REPLACE FUNCTION ops.delete_webhook(name text)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    hook CONSTANT ops.webhook := impl.webhook(delete_webhook.name);
    waited bigint;
BEGIN
    SELECT count(*) INTO waited FROM ops.delivery AS d WHERE d.webhook_id = hook.id AND d.state = 'waiting';
    DELETE FROM ops.webhook AS w WHERE w.id = hook.id;
    RETURN waited;
END $$;

COMMENT ON FUNCTION ops.delete_webhook(text) IS
    'Deletes a webhook with what waits for it; returns how many events waited.';
