-- Makes a new secret of a webhook and returns it, this once. Messages are signed by both until the grace
-- period of the old one is over, so that receivers can change it when they like.
--   SELECT ops.rotate_webhook_secret('mes', '1 day');
CREATE OR REPLACE FUNCTION ops.rotate_webhook_secret(name text, grace interval DEFAULT '1 day')
RETURNS text
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$ SELECT impl.new_webhook_secret((impl.webhook(name)).id, grace) $$;

COMMENT ON FUNCTION ops.rotate_webhook_secret(text, interval) IS
    'Makes a new secret of a webhook and returns it, this once; the old one signs on for a while.';
