-- Bits of the documents of a chunk whose sum is above a value, which is given as impl.constant_vector makes
-- it. No SET: inlined into the calling statement.
--   SELECT impl.above('[1,2,3]'::pgvector.vector, impl.constant_vector(1.5));   -- 011
CREATE OR REPLACE FUNCTION impl.above(sums pgvector.vector, value pgvector.vector)
RETURNS bit varying
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT pgvector.binary_quantize(sums OPERATOR(pgvector.-) impl.like_dims(value, sums))
$$;

COMMENT ON FUNCTION impl.above(pgvector.vector, pgvector.vector) IS
    'Bits of the documents of a chunk whose sum is above a value.';
