-- Signatures of a message as the header `webhook-signature` has them (Standard Webhooks): `v1,` and base64
-- of HMAC-SHA256, one for each secret that has not ended, the latest first. Runs as the owner: whoever
-- delivers can sign, and nobody can read what it signs with.
--   SELECT ops.sign_message(1, 'id.1674087231.{}');
CREATE OR REPLACE FUNCTION ops.sign_message(webhook_id int, message text)
RETURNS text
LANGUAGE sql STABLE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT string_agg('v1,' || encode(impl.hmac_sha256(s.secret, convert_to(message, 'UTF8')), 'base64'), ' '
                      ORDER BY s.made_at DESC)
    FROM ops.webhook_secret AS s WHERE s.webhook_id = sign_message.webhook_id AND s.ends_at > now()
$$;

COMMENT ON FUNCTION ops.sign_message(int, text) IS
    'Signatures of a message by the secrets of a webhook, which stay in the database.';
