-- Looks up a webhook by name; an error otherwise that lists the existing ones.
--   SELECT (impl.webhook('mes')).url;
CREATE OR REPLACE FUNCTION impl.webhook(name text)
RETURNS ops.webhook
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found ops.webhook;
BEGIN
    SELECT w.* INTO found FROM ops.webhook AS w WHERE w.name = webhook.name;
    IF found.id IS NULL THEN
        PERFORM impl.refuse_unknown('webhook', webhook.name, ARRAY(SELECT w.name FROM ops.webhook AS w),
                                    'seogo webhooks set');
    END IF;
    RETURN found;
END $$;

COMMENT ON FUNCTION impl.webhook(text) IS 'Webhook by name; SG001 lists the existing ones.';
