-- Looks up a valid API key by prefix, for the caller to compare the digest; and whether there are keys at
-- all: without any, the service serves only its own machine. A caller that has verified the secret calls
-- ops.note_key_use.
--   SELECT any_keys, id, scope FROM ops.check_key('abcdefgh');
CREATE OR REPLACE FUNCTION ops.check_key(prefix text)
RETURNS TABLE (any_keys boolean, id int, name text, digest bytea, scope text, collections text[])
LANGUAGE sql STABLE ROWS 1
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT EXISTS (SELECT FROM ops.api_key), k.id, k.name, k.digest, k.scope, k.collections
    FROM (VALUES (1)) AS always(row)
    LEFT JOIN ops.api_key AS k ON k.prefix = check_key.prefix AND k.revoked_at IS NULL
        AND (k.expires_at IS NULL OR k.expires_at > now());
$$;

COMMENT ON FUNCTION ops.check_key(text) IS
    'One row: whether there are API keys, and the valid one of that prefix, or NULLs.';
