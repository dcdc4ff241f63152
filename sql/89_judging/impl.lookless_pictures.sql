-- Pictures without a look (ops.picture_look), with their thumbnails, or their files where there is none:
-- those that are here, and of a sharded collection those on its shards; limit_n at most.
--   SELECT id, octet_length(bytes) FROM impl.lookless_pictures('parts', 10);
CREATE OR REPLACE FUNCTION impl.lookless_pictures(collection text, limit_n int)
RETURNS TABLE (id bigint, bytes bytea)
LANGUAGE plpgsql STABLE ROWS 100
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    cid CONSTANT int := impl.named_collection(lookless_pictures.collection);
BEGIN
    RETURN QUERY
    SELECT u.* FROM (
        (SELECT p.id, coalesce(p.thumbnail, p.bytes) FROM core.picture AS p
         WHERE NOT EXISTS (SELECT FROM ops.picture_look AS l WHERE l.picture_id = p.id)
         ORDER BY p.id LIMIT lookless_pictures.limit_n)
        UNION ALL
        SELECT (e.value -> 'id')::bigint, decode(e.value ->> 'bytes', 'base64')
        FROM impl.ask_shards(CASE WHEN impl.is_spread(cid) THEN impl.shards_of(cid) ELSE '{}' END,
            ARRAY[jsonb_build_object('do', 'lookless', 'limit', lookless_pictures.limit_n)]) AS a
        CROSS JOIN LATERAL jsonb_array_elements(a.answer -> 'pictures') AS e) AS u(id, bytes)
    ORDER BY u.id LIMIT lookless_pictures.limit_n;
END $$;

COMMENT ON FUNCTION impl.lookless_pictures(text, int) IS
    'Pictures without a look, with their thumbnails, here or on the shards of a collection.';
