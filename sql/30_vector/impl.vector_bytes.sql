-- Converts a vector to the binary format of pgvector: the number of dimensions and a zero as int16, then half
-- floats, all big-endian. No SET: inlined into statements that concatenate many.
--   SELECT impl.vector_bytes(vec) FROM core.embedding LIMIT 1;
CREATE OR REPLACE FUNCTION impl.vector_bytes(vec pgvector.halfvec)
RETURNS bytea
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$ SELECT pgvector.halfvec_send(vec) $$;

COMMENT ON FUNCTION impl.vector_bytes(pgvector.halfvec) IS 'A vector as bytes: the binary format of halfvec.';
