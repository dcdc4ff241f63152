-- Items of a collection of a shard in the order of their ids, behind one id, that pass a filter; last: the id
-- of the last, NULL where none is behind it.
--   SELECT impl.answer_listed('{"collection": "parts", "after": 0, "limit": 10}');
CREATE OR REPLACE FUNCTION impl.answer_listed(request jsonb)
RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
AS $$
DECLARE
    cid CONSTANT int := impl.collection_id(request ->> 'collection');
    f record := impl.parse_filter(request ->> 'filter');
    found jsonb;
BEGIN
    SELECT jsonb_agg(to_jsonb(l) ORDER BY l.id) INTO found
    FROM (SELECT i.* FROM core.item AS i
          WHERE i.collection_id = cid AND i.id > (request ->> 'after')::bigint
            AND impl.fits(i.metadata, f.contains, f.path)
            AND (request ->> 'external_id' IS NULL OR i.external_id = request ->> 'external_id')
          ORDER BY i.id LIMIT (request ->> 'limit')::bigint) AS l;
    RETURN jsonb_build_object('rows', coalesce(found, '[]'), 'last',
        CASE WHEN jsonb_array_length(found) = (request ->> 'limit')::bigint THEN found -> -1 -> 'id' END);
END $$;

COMMENT ON FUNCTION impl.answer_listed(jsonb) IS
    'Items of a collection of a shard in the order of their ids.';
