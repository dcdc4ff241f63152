-- Looks up the stored vector of a query text in a space; NULL if there is none. In a space of kind sparse
-- whose queries go through no model, one is made of the text's tokens (impl.idf_query). Texts are compared
-- without outer spaces, in NFKC. Runs as the owner: readers have no right to the table, which would show
-- them the queries of others.
--   SELECT impl.query_vector(1, '진공 펌프');
CREATE OR REPLACE FUNCTION impl.query_vector(space_id int, query text)
RETURNS pgvector.halfvec
LANGUAGE sql STABLE PARALLEL SAFE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(
        (SELECT v.vec FROM ops.query_vector AS v
         WHERE v.space_id = query_vector.space_id AND v.query_hash = impl.query_hash(query_vector.query)),
        impl.idf_query(query_vector.space_id, query_vector.query))
$$;

COMMENT ON FUNCTION impl.query_vector(int, text) IS 'Stored vector of a query text.';
