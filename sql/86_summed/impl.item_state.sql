-- State of the vectors of an item in a space (impl.vector_state), wherever the item is: here, or on a shard.
--   SELECT impl.item_state(impl.live_space('text'), (SELECT min(id) FROM core.item));
CREATE OR REPLACE FUNCTION impl.item_state(live ops.space, item_id bigint)
RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(
        (SELECT impl.vector_state(item_state.live, c.vector_sources, i.id, i.fields || i.picture_fields)
         FROM core.item AS i JOIN core.collection AS c ON c.id = i.collection_id
         WHERE i.id = item_state.item_id),
        impl.vector_away(item_state.live, item_state.item_id, NULL) ->> 'state')
$$;

COMMENT ON FUNCTION impl.item_state(ops.space, bigint) IS
    'State of the vectors of an item in a space, here or on a shard.';
