-- Vector in a space of an item that is on a shard (vec, as text: impl.item_vector), and the state of its
-- vectors there (state: impl.vector_state); NULL where the item is on none.
--   SELECT impl.vector_away(impl.live_space('text'), 1000000000001, NULL);
CREATE OR REPLACE FUNCTION impl.vector_away(live ops.space, item_id bigint, only_source text)
RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF impl.ids_away(ARRAY[item_id]) = '{}' THEN
        RETURN NULL;
    END IF;
    RETURN (SELECT a.answer FROM impl.ask_shards(impl.shards_of(NULL, live.name), ARRAY[jsonb_build_object(
        'do', 'item_vector', 'space', live.name || '@' || live.generation, 'id', item_id,
        'source', only_source)]) AS a WHERE a.answer ? 'state'
            LIMIT 1);  -- at the switch of a move two have the same
END $$;

COMMENT ON FUNCTION impl.vector_away(ops.space, bigint, text) IS
    'Vector in a space of an item that is on a shard, and the state of its vectors.';
