-- Checks a query vector against a space: dimension, NaN or infinity, length zero.
--   SELECT impl.check_vector('[0.6,0.8]', 2, 'text', 'cosine');
CREATE OR REPLACE FUNCTION impl.check_vector(vec pgvector.halfvec, dim int, space text, distance text)
RETURNS void
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF vec IS NULL THEN
        RAISE EXCEPTION 'the query vector for space % is NULL', space USING ERRCODE = 'SG003';
    ELSIF pgvector.vector_dims(vec) <> dim THEN
        RAISE EXCEPTION 'the query vector has % dimensions, space % has %',
            pgvector.vector_dims(vec), space, dim
            USING ERRCODE = 'SG003',
                  HINT = 'Encode the query with the encoder of that space (view search.spaces).';
    -- pgvector refuses NaN and infinity on input, so the zero vector is what remains.
    ELSIF distance = 'cosine' AND pgvector.l2_norm(vec) = 0 THEN
        RAISE EXCEPTION 'the query vector for space % is zero and points nowhere', space
            USING ERRCODE = 'SG003';
    END IF;
END $$;

COMMENT ON FUNCTION impl.check_vector(pgvector.halfvec, int, text, text) IS
    'Raises SG003 when a vector does not fit a space.';
