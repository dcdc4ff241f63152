-- Names of the items of a collection on a shard among some external_ids (impl.items_there).
--   SELECT impl.answer_there('{"collection": "parts", "external_ids": "{P0002,none}"}');
CREATE OR REPLACE FUNCTION impl.answer_there(request jsonb)
RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN jsonb_build_object('names', ARRAY(SELECT impl.items_there(
        impl.collection_id(request ->> 'collection'), (request ->> 'external_ids')::text[])));
END $$;

COMMENT ON FUNCTION impl.answer_there(jsonb) IS 'Names of the items of a shard among some external_ids.';
