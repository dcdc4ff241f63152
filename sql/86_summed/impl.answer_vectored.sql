-- Items of a collection on a shard that have a vector in a space (impl.vectored_items).
--   SELECT impl.answer_vectored('{"collection": "parts", "space": "text", "limit": 200}');
CREATE OR REPLACE FUNCTION impl.answer_vectored(request jsonb)
RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found record := impl.vectored_items(impl.live_space(request ->> 'space'),
        impl.collection_id(request ->> 'collection'), (request ->> 'limit')::int);
BEGIN
    RETURN jsonb_build_object('n', found.n, 'ids', found.ids::text);
END $$;

COMMENT ON FUNCTION impl.answer_vectored(jsonb) IS 'Items of a shard that have a vector in a space.';
