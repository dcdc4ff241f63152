-- Pictures of a shard without a look (impl.lookless_pictures), bytes in base64.
--   SELECT impl.answer_lookless('{"limit": 10}');
CREATE OR REPLACE FUNCTION impl.answer_lookless(request jsonb)
RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN jsonb_build_object('pictures', (
        SELECT coalesce(jsonb_agg(jsonb_build_object('id', p.id, 'bytes', encode(p.bytes, 'base64'))), '[]')
        FROM (SELECT o.id, coalesce(o.thumbnail, o.bytes) AS bytes FROM core.picture AS o
              WHERE NOT EXISTS (SELECT FROM ops.picture_look AS l WHERE l.picture_id = o.id)
              ORDER BY o.id LIMIT (request -> 'limit')::int) AS p));
END $$;

COMMENT ON FUNCTION impl.answer_lookless(jsonb) IS 'Pictures of a shard without a look.';
