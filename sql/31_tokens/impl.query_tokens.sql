-- Looks up the stored vectors of a query text's tokens in a space of kind multi, and the places of their
-- words in it; NULL where there are none. Runs as the owner, as impl.query_vector does.
--   SELECT * FROM impl.query_tokens(1, '진공 펌프');
CREATE OR REPLACE FUNCTION impl.query_tokens(
    space_id int,
    query text,
    OUT vec pgvector.halfvec,
    OUT spans int4multirange[])
LANGUAGE sql STABLE PARALLEL SAFE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT v.vec, v.spans FROM ops.query_vector AS v
    WHERE v.space_id = query_tokens.space_id AND v.query_hash = impl.query_hash(query_tokens.query)
$$;

COMMENT ON FUNCTION impl.query_tokens(int, text) IS 'Stored vectors of a query''s tokens, and their places.';
