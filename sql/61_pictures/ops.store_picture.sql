-- Stores a picture once, however often it comes; returns its id. The caller has decoded it: media type and
-- size are taken as given.
--   SELECT ops.store_picture(pg_read_binary_file('/tmp/a.png'), 'image/png', 640, 480);
CREATE OR REPLACE FUNCTION ops.store_picture(
    bytes bytea,
    media_type text,
    width int,
    height int,
    thumbnail bytea DEFAULT NULL)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    digest CONSTANT bytea := sha256(bytes);
    found_id bigint;
BEGIN
    LOOP
        -- Locked, so that it is still there when the caller gives it to an item.
        SELECT p.id INTO found_id FROM core.picture AS p WHERE p.sha256 = digest FOR KEY SHARE;
        IF found_id IS NULL THEN
            INSERT INTO core.picture (media_type, width, height, bytes, thumbnail)
            VALUES (media_type, width, height, bytes, thumbnail)
            ON CONFLICT DO NOTHING RETURNING id INTO found_id;
        END IF;
        EXIT WHEN found_id IS NOT NULL;  -- else somebody stored it between the two statements: look again
    END LOOP;
    RETURN found_id;
END $$;

COMMENT ON FUNCTION ops.store_picture(bytea, text, int, int, bytea) IS
    'Stores a picture by its content and returns its id.';
