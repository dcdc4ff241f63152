-- Sample of the items of a collection on a shard (impl.drawn_items).
--   SELECT impl.answer_drawn('{"collection": "parts", "limit": 10}');
CREATE OR REPLACE FUNCTION impl.answer_drawn(request jsonb)
RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN jsonb_build_object('items', (
        SELECT coalesce(jsonb_agg(to_jsonb(d)), '[]') FROM impl.drawn_items(
            impl.collection_id(request ->> 'collection'), (request ->> 'limit')::int) AS d));
END $$;

COMMENT ON FUNCTION impl.answer_drawn(jsonb) IS 'Sample of the items of a collection on a shard.';
