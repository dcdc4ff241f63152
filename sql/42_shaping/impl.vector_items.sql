-- Counts the items of a collection that have a vector in the live generation of a space.
--   SELECT impl.vector_items('parts', 'text');
CREATE OR REPLACE FUNCTION impl.vector_items(collection text, space text)
RETURNS bigint
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT v.n FROM impl.vectored_items(impl.live_space(space), impl.named_collection(collection), 0) AS v
$$;

COMMENT ON FUNCTION impl.vector_items(text, text) IS
    'Number of items of a collection with a vector in a live space.';
