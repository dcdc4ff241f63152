-- Vector that a leg in a space asks with: the one given, the mean of the items to be like, or the stored one
-- of the query text; SG003 where there is none.
--   SELECT impl.leg_vector(search.vector_leg('text', '[0.6,0.8]'), impl.live_space('text'), 'pump');
CREATE OR REPLACE FUNCTION impl.leg_vector(leg search.leg, live ops.space, query text)
RETURNS pgvector.halfvec
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    vec pgvector.halfvec := leg.vec;
BEGIN
    IF vec IS NULL AND leg.kind = 'like' THEN
        vec := impl.rocchio(live, leg.positive, leg.negative);
    ELSIF vec IS NULL THEN
        vec := impl.query_vector(live.id, query);
    END IF;
    IF vec IS NULL THEN
        RAISE EXCEPTION 'leg % has no vector, and none is stored for the query text', leg.name
            USING ERRCODE = 'SG003',
            HINT = 'Give one, or SELECT search.request_vector(query, space) and wait for the worker.';
    END IF;
    RETURN vec;
END $$;

COMMENT ON FUNCTION impl.leg_vector(search.leg, ops.space, text) IS 'Vector that a leg in a space asks with.';
