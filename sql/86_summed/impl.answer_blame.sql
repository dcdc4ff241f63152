-- Picture reader of an item of a shard that did not read what a query asks for (impl.picture_blame).
--   SELECT impl.answer_blame('{"id": 1, "words": "HD1800-S7", "analyzer": "korean"}');
CREATE OR REPLACE FUNCTION impl.answer_blame(request jsonb)
RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN jsonb_build_object('blame', impl.picture_blame(
        (request -> 'id')::bigint, request ->> 'words', request ->> 'analyzer'));
END $$;

COMMENT ON FUNCTION impl.answer_blame(jsonb) IS 'Picture reader that lost a query, of an item of a shard.';
