-- Sets the pictures of an item: [{"role", "position", "name", "picture_id"} or with "error" instead of
-- picture_id, …]. Unchanged ones stay untouched, so that nothing is read or encoded again; those not listed
-- are removed. Those of an item on a shard are committed there, whatever becomes of the caller's transaction.
-- Returns how many rows changed. SG001 where there is no such item.
--   SELECT ops.set_media(1, '[{"role": "photo", "position": 0, "name": "a.png", "picture_id": 1}]');
CREATE OR REPLACE FUNCTION ops.set_media(of_item bigint, media jsonb)
RETURNS int
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    gone int;
    written int;
    away core.item;
BEGIN
    SELECT s.* INTO away FROM impl.shard_items(ARRAY[of_item]) AS s;
    IF away.id IS NOT NULL THEN
        RETURN ops.media_on_shard(away, set_media.media);
    END IF;
    PERFORM impl.lock_items(ARRAY[of_item]);
    IF NOT EXISTS (SELECT FROM core.item AS i WHERE i.id = of_item) THEN
        RAISE EXCEPTION 'unknown item: %', of_item USING ERRCODE = 'SG001',
            HINT = 'It may have been deleted.';
    END IF;
    DELETE FROM core.media AS m WHERE m.item_id = of_item AND NOT EXISTS (
        SELECT FROM jsonb_to_recordset(set_media.media) AS g(role text, "position" int)
        WHERE g.role = m.role AND g."position" = m."position");
    GET DIAGNOSTICS gone = ROW_COUNT;
    INSERT INTO core.media AS m (item_id, role, "position", name, picture_id, error)
    SELECT of_item, g.role, g."position", g.name, g.picture_id, g.error
    FROM jsonb_to_recordset(set_media.media)
        AS g(role text, "position" int, name text, picture_id bigint, error text)
    ON CONFLICT (item_id, role, "position") DO UPDATE
        SET name = excluded.name, picture_id = excluded.picture_id, error = excluded.error
        WHERE (m.name, m.picture_id, m.error)
              IS DISTINCT FROM (excluded.name, excluded.picture_id, excluded.error);
    GET DIAGNOSTICS written = ROW_COUNT;
    RETURN gone + written;
END $$;

COMMENT ON FUNCTION ops.set_media(bigint, jsonb) IS
    'Sets the pictures of an item; unchanged ones stay untouched.';
