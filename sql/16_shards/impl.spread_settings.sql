-- Settings of a collection that must be the same on its coordinator and all its shards.
--   SELECT impl.spread_settings(impl.named_collection('parts'));
CREATE OR REPLACE FUNCTION impl.spread_settings(cid int)
RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT jsonb_build_object(
        'analyzer', c.analyzer, 'field_weights', c.field_weights, 'identifier_fields', c.identifier_fields,
        'vector_sources', c.vector_sources, 'picture_readers', c.picture_readers,
        'title_fields', c.title_fields, 'k1', x.k1, 'b', x.b)
    FROM core.collection AS c
    LEFT JOIN core.lexical_index AS x ON x.collection_id = c.id AND x.status = 'live'
    WHERE c.id = cid
$$;

COMMENT ON FUNCTION impl.spread_settings(int) IS
    'Settings of a collection that must be the same on its coordinator and its shards.';
