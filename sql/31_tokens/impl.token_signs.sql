-- Signs of vectors, a bit per dimension: those of tokens in a binary space of kind multi. NULL stays NULL.
--   SELECT impl.token_signs(ARRAY['[1,-1]']::pgvector.halfvec[]);
CREATE OR REPLACE FUNCTION impl.token_signs(vectors pgvector.halfvec[])
RETURNS bit varying[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT ARRAY(SELECT pgvector.binary_quantize(t.v)::bit varying
                 FROM unnest(token_signs.vectors) WITH ORDINALITY AS t(v, n) ORDER BY t.n)
$$;

COMMENT ON FUNCTION impl.token_signs(pgvector.halfvec[]) IS 'Signs of vectors, a bit per dimension.';
