-- Signs a browser in: from now on the token of this digest stands for the key, until the key ends, the
-- session is closed, or 30 days have passed. A key has at most 100 sessions, the latest ones. Returns whether
-- there is such a valid key.
--   SELECT ops.open_session(1, sha256('a token'));
CREATE OR REPLACE FUNCTION ops.open_session(key_id int, digest bytea)
RETURNS boolean
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    DELETE FROM ops.session AS s WHERE s.expires_at <= now()
        OR s.digest IN (SELECT o.digest FROM ops.session AS o WHERE o.key_id = open_session.key_id
            ORDER BY o.created_at DESC, o.digest OFFSET 99);
    WITH made AS (
        INSERT INTO ops.session (digest, key_id, expires_at)
        SELECT open_session.digest, k.id, now() + interval '30 days' FROM ops.api_key AS k
        WHERE k.id = open_session.key_id AND k.revoked_at IS NULL
          AND (k.expires_at IS NULL OR k.expires_at > now())
        RETURNING 1
    )
    SELECT EXISTS (SELECT FROM made);
$$;

COMMENT ON FUNCTION ops.open_session(int, bytea) IS
    'Signs a browser in with a key; returns whether the key is valid.';
