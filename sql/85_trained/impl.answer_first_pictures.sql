-- First picture of each of some items of a collection on a shard (impl.first_pictures).
--   SELECT impl.answer_first_pictures('{"collection": "parts", "external_ids": "{P0002}"}');
CREATE OR REPLACE FUNCTION impl.answer_first_pictures(request jsonb)
RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN jsonb_build_object('rows', (
        SELECT coalesce(jsonb_agg(to_jsonb(f)), '[]') FROM impl.first_pictures(
            impl.collection_id(request ->> 'collection'), (request ->> 'external_ids')::text[]) AS f));
END $$;

COMMENT ON FUNCTION impl.answer_first_pictures(jsonb) IS
    'First picture of each of some items of a collection on a shard.';
