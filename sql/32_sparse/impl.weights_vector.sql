-- Weights of tokens as a sparse vector over a vocabulary of `dim` tokens.
--   SELECT impl.weights_vector('{7,30521}', '{1.5,0.25}', 30522);   -- {8:1.5,30522:0.25}/30522
CREATE OR REPLACE FUNCTION impl.weights_vector(ids int[], weights float8[], dim int)
RETURNS pgvector.sparsevec
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
SET extra_float_digits = 1
AS $$
    SELECT concat('{', string_agg((t.id + 1)::text || ':' || t.weight::real::text, ','), '}/',
                  weights_vector.dim)::pgvector.sparsevec
    FROM unnest(weights_vector.ids, weights_vector.weights) AS t(id, weight)
$$;

COMMENT ON FUNCTION impl.weights_vector(int[], float8[], int) IS 'Weights of tokens as a sparse vector.';
