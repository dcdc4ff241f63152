-- A picture of a shard by id: what is known of its file (`info`), the collections whose items show it, and,
-- `of` bytes or thumbnail, `data` in base64: of the file the range that is asked for. Nothing of a picture
-- that no item here shows.
--   SELECT impl.answer_picture('{"id": 1, "of": "bytes", "start": 0, "size": 100}');
CREATE OR REPLACE FUNCTION impl.answer_picture(request jsonb)
RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    wanted CONSTANT bigint := request -> 'id';
    owners CONSTANT jsonb := (
        SELECT jsonb_agg(DISTINCT c.name) FROM core.media AS m JOIN core.item AS i ON i.id = m.item_id
        JOIN core.collection AS c ON c.id = i.collection_id
        WHERE m.picture_id = wanted AND NOT impl.is_hidden(c.id));
BEGIN
    RETURN coalesce((
        SELECT jsonb_build_object('collections', owners, 'info', jsonb_build_object(
                   'picture_id', p.id, 'sha256', encode(p.sha256, 'hex'), 'media_type', p.media_type,
                   'width', p.width, 'height', p.height, 'size', octet_length(p.bytes),
                   'thumbnail_size', octet_length(p.thumbnail)),
               'data', CASE request ->> 'of'
                   WHEN 'bytes' THEN encode(substring(p.bytes FROM (request -> 'start')::int + 1
                                                      FOR (request -> 'size')::int), 'base64')
                   WHEN 'thumbnail' THEN encode(p.thumbnail, 'base64') END)
        FROM core.picture AS p WHERE p.id = wanted AND owners IS NOT NULL), '{}');
END $$;

COMMENT ON FUNCTION impl.answer_picture(jsonb) IS 'A picture of a shard: its file, or a range of its bytes.';
