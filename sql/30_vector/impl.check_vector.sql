-- Checks a query vector against a space: dimension, NaN or infinity, length zero. In a space of kind multi it
-- holds the vectors of the query's tokens, one after the other; in one of kind sparse, tokens and their
-- weights (impl.packed).
--   SELECT impl.check_vector('[0.6,0.8]', impl.live_space('text'));
CREATE OR REPLACE FUNCTION impl.check_vector(vec pgvector.halfvec, live ops.space)
RETURNS void
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF vec IS NULL THEN
        RAISE EXCEPTION 'the query vector for space % is NULL', live.name USING ERRCODE = 'SG003';
    ELSIF live.kind = 'multi' AND pgvector.vector_dims(vec) % live.dim <> 0 THEN
        RAISE EXCEPTION 'the query vector has % dimensions, those of tokens in space % have % each',
            pgvector.vector_dims(vec), live.name, live.dim
            USING ERRCODE = 'SG003',
                  HINT = 'Encode the query with the encoder of that space (view search.spaces).';
    ELSIF live.kind = 'sparse' AND (pgvector.vector_dims(vec) % 3 <> 0 OR live.dim <= (
        SELECT max(t.id) FROM unnest((impl.unpacked(vec)).ids) AS t(id))) THEN
        RAISE EXCEPTION 'the query vector does not hold tokens and weights of space %', live.name
            USING ERRCODE = 'SG003',
                  HINT = 'Make it with search.sparse_query, or with the encoder of that space.';
    ELSIF live.kind = 'single' AND pgvector.vector_dims(vec) <> live.dim THEN
        RAISE EXCEPTION 'the query vector has % dimensions, space % has %',
            pgvector.vector_dims(vec), live.name, live.dim
            USING ERRCODE = 'SG003',
                  HINT = 'Encode the query with the encoder of that space (view search.spaces).';
    -- pgvector refuses NaN and infinity on input, so the zero vector is what remains.
    ELSIF live.kind <> 'sparse' AND live.distance = 'cosine' AND pgvector.l2_norm(vec) = 0 THEN
        RAISE EXCEPTION 'the query vector for space % is zero and points nowhere', live.name
            USING ERRCODE = 'SG003';
    END IF;
END $$;

COMMENT ON FUNCTION impl.check_vector(pgvector.halfvec, ops.space) IS
    'Raises SG003 when a vector does not fit a space.';
