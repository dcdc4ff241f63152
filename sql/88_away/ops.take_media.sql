-- On a shard: sets the pictures of an item as ops.set_media, files named by sha256, as a coordinator has sent
-- them before; SG005 where one is gone since.
--   SELECT ops.take_media(1, '[{"role": "photo", "position": 0, "name": "a.png", "error": "no file"}]');
CREATE OR REPLACE FUNCTION ops.take_media(of_item bigint, media jsonb)
RETURNS int
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    lacking CONSTANT text[] := impl.lacking_pictures(ARRAY(
        SELECT g.value ->> 'sha256' FROM jsonb_array_elements(take_media.media) AS g
        WHERE g.value ? 'sha256'));
BEGIN
    IF lacking <> '{}' THEN
        RAISE EXCEPTION 'a picture is gone from the shard: %', lacking[1] USING ERRCODE = 'SG005',
            HINT = 'Send the same again.';
    END IF;
    RETURN ops.set_media(take_media.of_item, (
        SELECT coalesce(jsonb_agg(CASE WHEN g.value ? 'sha256' THEN g.value || jsonb_build_object(
                   'picture_id', (impl.pictures_named(ARRAY[g.value ->> 'sha256']))[1])
                   ELSE g.value END), '[]')
        FROM jsonb_array_elements(take_media.media) AS g));
END $$;

COMMENT ON FUNCTION ops.take_media(bigint, jsonb) IS
    'Sets the pictures of an item of a shard, as its coordinator sends them.';
