-- Makes a new secret of a webhook and returns it as receivers keep it, `whsec_` and base64 (Standard
-- Webhooks). Earlier ones sign on, too, until grace is over. It is made here, so that no log of statements
-- has it: of 256 bits, a hash of 488 random ones.
--   SELECT impl.new_webhook_secret(1, '1 day');
CREATE OR REPLACE FUNCTION impl.new_webhook_secret(webhook_id int, grace interval)
RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    made CONSTANT bytea := sha256(convert_to(
        concat(gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), gen_random_uuid()), 'UTF8'));
BEGIN
    DELETE FROM ops.webhook_secret AS s
    WHERE s.webhook_id = new_webhook_secret.webhook_id AND s.ends_at <= now();
    UPDATE ops.webhook_secret AS s SET ends_at = least(s.ends_at, now() + grace)
    WHERE s.webhook_id = new_webhook_secret.webhook_id;
    INSERT INTO ops.webhook_secret (webhook_id, secret) VALUES (new_webhook_secret.webhook_id, made);
    RETURN 'whsec_' || encode(made, 'base64');
END $$;

COMMENT ON FUNCTION impl.new_webhook_secret(int, interval) IS
    'Makes and returns a secret of a webhook; the earlier ones end after the grace period.';
