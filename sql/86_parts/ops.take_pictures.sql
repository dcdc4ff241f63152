-- On a shard: stores picture files of another database (impl.picture_files) that are not here, under their
-- ids where these are of a shard and free, so that they stay known by them; else under new ones. Returns how
-- many were stored.
--   SELECT ops.take_pictures('[]');
CREATE OR REPLACE FUNCTION ops.take_pictures(pictures jsonb)
RETURNS int
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    file record;
    made bigint;
    n int := 0;
BEGIN
    FOR file IN
        SELECT g.id, g.media_type, g.width, g.height, decode(g.bytes, 'base64') AS bytes,
               decode(g.thumbnail, 'base64') AS thumbnail, g.look
        FROM jsonb_to_recordset(take_pictures.pictures) AS g(id bigint, media_type text, width int,
            height int, bytes text, thumbnail text, look text)
    LOOP
        INSERT INTO core.picture (id, media_type, width, height, bytes, thumbnail) OVERRIDING SYSTEM VALUE
        SELECT file.id, file.media_type, file.width, file.height, file.bytes, file.thumbnail
        WHERE file.id >= impl.shard_span() ON CONFLICT DO NOTHING RETURNING id INTO made;
        IF made IS NULL THEN
            INSERT INTO core.picture (media_type, width, height, bytes, thumbnail)
            VALUES (file.media_type, file.width, file.height, file.bytes, file.thumbnail)
            ON CONFLICT DO NOTHING RETURNING id INTO made;
        END IF;
        IF made IS NOT NULL AND file.look IS NOT NULL THEN
            INSERT INTO ops.picture_look (picture_id, look) VALUES (made, file.look::pgvector.vector);
        END IF;
        n := n + (made IS NOT NULL)::int;
    END LOOP;
    RETURN n;
END $$;

COMMENT ON FUNCTION ops.take_pictures(jsonb) IS 'Stores picture files of another database that are not here.';
