-- Items of a shard whose pictures a model has not compared with their fields yet (impl.unasked_items).
--   SELECT impl.answer_unasked('{"collection": "parts", "model": "qwen3-vl", "limit": 10, "after": ""}');
CREATE OR REPLACE FUNCTION impl.answer_unasked(request jsonb)
RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN jsonb_build_object('items', (
        SELECT coalesce(jsonb_agg(to_jsonb(u)), '[]')
        FROM impl.unasked_items(request ->> 'collection', request ->> 'model', (request -> 'limit')::int,
                                request ->> 'after') AS u));
END $$;

COMMENT ON FUNCTION impl.answer_unasked(jsonb) IS
    'Items of a shard whose pictures a model has not compared with their fields yet.';
