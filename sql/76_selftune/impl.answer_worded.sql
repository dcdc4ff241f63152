-- Items of a collection on a shard with their words and the mean of their vectors (impl.worded_items).
--   SELECT impl.answer_worded('{"collection": "parts", "space": "text@1", "ids": "{1}"}');
CREATE OR REPLACE FUNCTION impl.answer_worded(request jsonb)
RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN jsonb_build_object('items', (
        SELECT coalesce(jsonb_agg(jsonb_build_object('id', p.id, 'words', p.words, 'vec', p.vec::text)), '[]')
        FROM impl.worded_items(impl.collection_id(request ->> 'collection'),
                               impl.live_space(request ->> 'space'), (request ->> 'ids')::bigint[]) AS p));
END $$;

COMMENT ON FUNCTION impl.answer_worded(jsonb) IS
    'Items of a collection on a shard with their words and the mean of their vectors.';
