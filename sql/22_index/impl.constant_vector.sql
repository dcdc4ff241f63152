-- A vector of 16,000 equal numbers, as many as a chunk has documents at most; doubled from 125, since a cast
-- from an array of all would take a millisecond.
--   SELECT pgvector.vector_dims(impl.constant_vector(1.5));   -- 16000
CREATE OR REPLACE FUNCTION impl.constant_vector(value float8)
RETURNS pgvector.vector
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v pgvector.vector := array_fill(value::real, ARRAY[125])::pgvector.vector;
BEGIN
    FOR doubling IN 1 .. 7 LOOP
        v := v OPERATOR(pgvector.||) v;
    END LOOP;
    RETURN v;
END $$;

COMMENT ON FUNCTION impl.constant_vector(float8) IS 'Vector of 16,000 equal numbers.';
