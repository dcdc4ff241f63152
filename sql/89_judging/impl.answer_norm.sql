-- Facts of a shard from which the usual of a collection is learned (impl.norm_facts).
--   SELECT impl.answer_norm('{"collection": "parts"}');
CREATE OR REPLACE FUNCTION impl.answer_norm(request jsonb)
RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN jsonb_build_object('facts', (
        SELECT coalesce(jsonb_agg(to_jsonb(f)), '[]')
        FROM impl.norm_facts(impl.collection_id(request ->> 'collection')) AS f));
END $$;

COMMENT ON FUNCTION impl.answer_norm(jsonb) IS
    'Facts of a shard from which the usual of a collection is learned.';
