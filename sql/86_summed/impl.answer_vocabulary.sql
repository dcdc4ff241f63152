-- State of the counts of words of a collection on a shard: documents counted, items there are, and a mark
-- that is another one whenever counts have changed. has: whether its index has a token.
--   SELECT impl.answer_vocabulary('{"collection": "parts", "token": "pump"}');
CREATE OR REPLACE FUNCTION impl.answer_vocabulary(request jsonb)
RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    x CONSTANT core.lexical_index := impl.live_index(request ->> 'collection');
    v CONSTANT core.vocabulary := impl.live_vocabulary(request ->> 'collection');
BEGIN
    RETURN jsonb_build_object(
        'documents', coalesce(v.documents, 0), 'mark', concat_ws(':', v.id, v.documents, v.last_document),
        'items', impl.collection_size(x.collection_id),
        'has', CASE WHEN request ? 'token' THEN impl.index_has(x, request ->> 'token') END);
END $$;

COMMENT ON FUNCTION impl.answer_vocabulary(jsonb) IS 'State of the counts of words of a shard.';
