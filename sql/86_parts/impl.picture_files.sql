-- Picture files by sha256, as ops.take_pictures takes them: the first ones, of some 8 MB together, and one in
-- any case; those that are not here are left out.
--   SELECT jsonb_array_length(impl.picture_files(ARRAY[encode(sha256(''), 'hex')]));
CREATE OR REPLACE FUNCTION impl.picture_files(sha256s text[])
RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    WITH room AS MATERIALIZED (
        SELECT p.id, u.at, sum(octet_length(p.bytes)) OVER (ORDER BY u.at) - octet_length(p.bytes) AS before
        FROM unnest(sha256s) WITH ORDINALITY AS u(sha256, at)
        JOIN core.picture AS p ON p.sha256 = decode(u.sha256, 'hex')
    )
    SELECT coalesce(jsonb_agg(jsonb_build_object(
        'id', p.id, 'sha256', encode(p.sha256, 'hex'), 'media_type', p.media_type, 'width', p.width,
        'height', p.height, 'bytes', encode(p.bytes, 'base64'), 'thumbnail', encode(p.thumbnail, 'base64'),
        'look', (SELECT l.look::text FROM ops.picture_look AS l WHERE l.picture_id = p.id)) ORDER BY r.at),
        '[]')
    FROM room AS r JOIN core.picture AS p ON p.id = r.id
    WHERE r.before < 8 * 1024 * 1024
$$;

COMMENT ON FUNCTION impl.picture_files(text[]) IS 'The first of some picture files, to be stored elsewhere.';
