-- Counts the items of a collection that have a vector in the live generation of a space.
--   SELECT impl.vector_items('parts', 'text');
CREATE OR REPLACE FUNCTION impl.vector_items(collection text, space text)
RETURNS bigint
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT count(*) FROM core.item AS i
    WHERE i.collection_id = impl.collection_id(collection) AND EXISTS (
        SELECT FROM core.embedding AS e
        WHERE e.space_id = (impl.live_space(space)).id AND e.item_id = i.id)
$$;

COMMENT ON FUNCTION impl.vector_items(text, text) IS
    'Number of items of a collection with a vector in a live space.';
