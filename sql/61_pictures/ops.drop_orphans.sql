-- Deletes pictures that nothing refers to any more; returns how many. Those younger than the grace period
-- stay: a program may have stored one and be about to give it to an item.
--   SELECT ops.drop_orphans();
CREATE OR REPLACE FUNCTION ops.drop_orphans(grace interval DEFAULT '1 hour')
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    orphan bigint;
    dropped bigint := 0;
BEGIN
    FOR orphan IN
        SELECT p.id FROM core.picture AS p
        WHERE p.created_at < now() - grace
          AND NOT EXISTS (SELECT FROM core.media AS m WHERE m.picture_id = p.id)
        ORDER BY p.id
        FOR UPDATE OF p SKIP LOCKED
    LOOP
        BEGIN
            DELETE FROM core.picture AS p WHERE p.id = orphan;
            dropped := dropped + 1;
        EXCEPTION
            WHEN foreign_key_violation THEN
                NULL;  -- shown by something else than an item, or by one since a moment
        END;
    END LOOP;
    RETURN dropped;
END $$;

COMMENT ON FUNCTION ops.drop_orphans(interval) IS
    'Deletes pictures that nothing refers to any more; returns how many.';
