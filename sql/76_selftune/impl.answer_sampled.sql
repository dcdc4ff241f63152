-- Sample of the items of a collection on a shard (impl.sampled_ids).
--   SELECT impl.answer_sampled('{"collection": "parts", "limit": 10, "seed": 7}');
CREATE OR REPLACE FUNCTION impl.answer_sampled(request jsonb)
RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN jsonb_build_object('ids', impl.sampled_ids(
        impl.collection_id(request ->> 'collection'), (request ->> 'limit')::int,
        (request ->> 'seed')::bigint)::text);
END $$;

COMMENT ON FUNCTION impl.answer_sampled(jsonb) IS 'Sample of the items of a collection on a shard.';
