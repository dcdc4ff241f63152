-- Revokes an API key now. False when there is no such key, or it was revoked before.
--   SELECT ops.revoke_key('abcdefgh');
CREATE OR REPLACE FUNCTION ops.revoke_key(prefix text)
RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE ops.api_key AS k SET revoked_at = now()
    WHERE k.prefix = revoke_key.prefix AND k.revoked_at IS NULL;
    RETURN FOUND;
END $$;

COMMENT ON FUNCTION ops.revoke_key(text) IS
    'Revokes an API key; false when there is no valid one of that prefix.';
