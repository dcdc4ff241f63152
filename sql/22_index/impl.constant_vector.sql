-- A vector of equal numbers, at least as many as asked for (16,000: a chunk has no more documents); doubled
-- from 125, since a cast from an array of all would take a millisecond.
--   SELECT pgvector.vector_dims(impl.constant_vector(1.5, 400));   -- 500
CREATE OR REPLACE FUNCTION impl.constant_vector(value float8, least_n int DEFAULT 16000)
RETURNS pgvector.vector
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v pgvector.vector := array_fill(value::real, ARRAY[125])::pgvector.vector;
BEGIN
    WHILE pgvector.vector_dims(v) < least_n LOOP
        v := v OPERATOR(pgvector.||) v;
    END LOOP;
    RETURN v;
END $$;

COMMENT ON FUNCTION impl.constant_vector(float8, int) IS 'Vector of equal numbers, 125 or a doubling of it.';
