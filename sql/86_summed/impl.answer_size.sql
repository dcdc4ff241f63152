-- Number of items of a collection on a shard, and whether some are valid for a time.
--   SELECT impl.answer_size('{"collection": "parts"}');
CREATE OR REPLACE FUNCTION impl.answer_size(request jsonb)
RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    cid CONSTANT int := impl.collection_id(request ->> 'collection');
BEGIN
    RETURN jsonb_build_object('items', impl.collection_size(cid), 'dated', impl.is_dated(cid));
END $$;

COMMENT ON FUNCTION impl.answer_size(jsonb) IS 'Number of items of a collection on a shard.';
