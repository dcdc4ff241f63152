-- Vector of an item of a shard in a space, and the state of its vectors there; empty where the item is not
-- here.
--   SELECT impl.answer_item_vector('{"space": "text", "id": 1}');
CREATE OR REPLACE FUNCTION impl.answer_item_vector(request jsonb)
RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    live CONSTANT ops.space := impl.live_space(request ->> 'space');
    item CONSTANT bigint := request -> 'id';
BEGIN
    RETURN coalesce((
        SELECT jsonb_build_object('vec', impl.item_vector(live, item, request ->> 'source')::text,
                                  'state', impl.item_state(live, item))
        FROM core.item AS i WHERE i.id = item AND NOT impl.is_hidden(i.collection_id)), '{}');
END $$;

COMMENT ON FUNCTION impl.answer_item_vector(jsonb) IS
    'Vector of an item of a shard in a space, and its state.';
