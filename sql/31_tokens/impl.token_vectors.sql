-- Splits a query of a space of kind multi, the vectors of its tokens one after the other, into the vectors.
--   SELECT impl.token_vectors('[1,0,0,1]', 2);
CREATE OR REPLACE FUNCTION impl.token_vectors(query_vec pgvector.halfvec, dim int)
RETURNS pgvector.halfvec[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT ARRAY(SELECT pgvector.subvector(token_vectors.query_vec, n * token_vectors.dim + 1,
                                           token_vectors.dim)
                 FROM generate_series(0, pgvector.vector_dims(token_vectors.query_vec)
                                         / token_vectors.dim - 1) AS n ORDER BY n)
$$;

COMMENT ON FUNCTION impl.token_vectors(pgvector.halfvec, int) IS
    'Vectors of the tokens of a query, from the one vector that holds them all.';
