-- Nameplates of the items of a shard that have pictures (impl.nameplate_of), by id.
--   SELECT impl.answer_nameplates('{"collection": "parts"}');
CREATE OR REPLACE FUNCTION impl.answer_nameplates(request jsonb)
RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN jsonb_build_object('plates', (
        SELECT coalesce(jsonb_object_agg(i.id, impl.nameplate_of(i.id, i.metadata)), '{}')
        FROM core.item AS i
        WHERE i.collection_id = impl.collection_id(request ->> 'collection')
          AND EXISTS (SELECT FROM core.media AS m WHERE m.item_id = i.id)));
END $$;

COMMENT ON FUNCTION impl.answer_nameplates(jsonb) IS 'Nameplates of the items of a shard, by id.';
