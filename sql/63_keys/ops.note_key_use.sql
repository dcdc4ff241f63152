-- Records the use of a key whose secret was verified, since prefixes are no secret. Writes once a minute at
-- most, however often it is called; returns whether it wrote.
--   SELECT ops.note_key_use(1);
CREATE OR REPLACE FUNCTION ops.note_key_use(key_id int)
RETURNS boolean
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    WITH noted AS (
        UPDATE ops.api_key AS k SET last_used_at = now()
        WHERE k.id = note_key_use.key_id
          AND (k.last_used_at IS NULL OR k.last_used_at < now() - interval '1 minute')
        RETURNING k.id
    )
    SELECT EXISTS (SELECT FROM noted);
$$;

COMMENT ON FUNCTION ops.note_key_use(int) IS
    'Records the use of a verified key, once a minute at most; returns whether it wrote.';
