-- Looks up the API key of a session, while both are valid; the same row as ops.check_key.
--   SELECT id, scope FROM ops.check_session(sha256('a token'));
CREATE OR REPLACE FUNCTION ops.check_session(shown bytea)
RETURNS TABLE (any_keys boolean, id int, name text, digest bytea, scope text, collections text[])
LANGUAGE sql STABLE ROWS 1
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT EXISTS (SELECT FROM ops.api_key), k.id, k.name, k.digest, k.scope, k.collections
    FROM (VALUES (1)) AS always(row)
    LEFT JOIN (ops.session AS s JOIN ops.api_key AS k ON k.id = s.key_id)
        ON s.digest = check_session.shown AND s.expires_at > now()
        AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now());
$$;

COMMENT ON FUNCTION ops.check_session(bytea) IS
    'One row: whether there are API keys, and the valid one of that session, or NULLs.';
