-- Ids of items of a collection on a shard by external_id (impl.known_items): an object; those that are not
-- here are left out.
--   SELECT impl.answer_known('{"collection": "parts", "external_ids": ["P0002"]}');
CREATE OR REPLACE FUNCTION impl.answer_known(request jsonb)
RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN jsonb_build_object('known', (
        SELECT coalesce(jsonb_object_agg(k.external_id, k.item_id), '{}')
        FROM impl.known_items(impl.collection_id(request ->> 'collection'),
                              ARRAY(SELECT jsonb_array_elements_text(request -> 'external_ids'))) AS k));
END $$;

COMMENT ON FUNCTION impl.answer_known(jsonb) IS 'Ids of items of a collection on a shard by external_id.';
