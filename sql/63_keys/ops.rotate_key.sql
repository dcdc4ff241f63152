-- Replaces a valid API key by a new one with the same rights and end; the old one stays valid for a grace
-- period, so that programs can be given the new one. Returns the new id; SG001 when the old key is not valid.
--   SELECT ops.rotate_key('abcdefgh', 'bcdefghi', sha256('secret'));
CREATE OR REPLACE FUNCTION ops.rotate_key(
    old_prefix text,
    prefix text,
    digest bytea,
    grace interval DEFAULT '1 day')
RETURNS int
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    old ops.api_key;
    made int;
BEGIN
    SELECT k.* INTO old FROM ops.api_key AS k
    WHERE k.prefix = old_prefix AND k.revoked_at IS NULL AND k.replaced_by IS NULL
      AND (k.expires_at IS NULL OR k.expires_at > now())
    FOR UPDATE;
    IF old.id IS NULL THEN
        RAISE EXCEPTION 'no valid key % to put another in the place of', old_prefix
            USING ERRCODE = 'SG001', HINT = '`seogo keys list` shows them; a key is replaced once.';
    END IF;
    INSERT INTO ops.api_key (name, prefix, digest, scope, collections, expires_at)
    VALUES (old.name, rotate_key.prefix, rotate_key.digest, old.scope, old.collections, old.expires_at)
    RETURNING id INTO made;
    UPDATE ops.api_key AS k SET replaced_by = made, expires_at = least(k.expires_at, now() + grace)
    WHERE k.id = old.id;
    RETURN made;
END $$;

COMMENT ON FUNCTION ops.rotate_key(text, text, bytea, interval) IS
    'Replaces an API key by another with the same rights; the old one ends after the grace period.';
