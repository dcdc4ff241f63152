-- The first numbers of a vector, as many as another one has. No SET: inlined into the calling statement.
--   SELECT impl.like_dims('[1,1,1]'::pgvector.vector, '[5,6]'::pgvector.vector);   -- [1,1]
CREATE OR REPLACE FUNCTION impl.like_dims(v pgvector.vector, other pgvector.vector)
RETURNS pgvector.vector
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT CASE WHEN pgvector.vector_dims(v) = pgvector.vector_dims(other) THEN v
                ELSE pgvector.subvector(v, 1, pgvector.vector_dims(other)) END
$$;

COMMENT ON FUNCTION impl.like_dims(pgvector.vector, pgvector.vector) IS
    'First numbers of a vector, as many as another one has.';
