-- Token weights of a row as a query (impl.packed).
--   SELECT impl.row_vector('{8:1.5,30522:0.25}/30522');   -- [0,7,1.5,14,1849,0.25]
CREATE OR REPLACE FUNCTION impl.row_vector(weights pgvector.sparsevec)
RETURNS pgvector.halfvec
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT impl.packed(array_agg(w.token_id), array_agg(w.weight::float8))
    FROM impl.weights_of(row_vector.weights) AS w
$$;

COMMENT ON FUNCTION impl.row_vector(pgvector.sparsevec) IS 'Token weights of a row as a query.';
