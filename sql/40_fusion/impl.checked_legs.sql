-- The legs of a hybrid query with defaults filled in; by default the two that need no encoder.
--   SELECT impl.checked_legs(NULL);
CREATE OR REPLACE FUNCTION impl.checked_legs(legs search.leg[])
RETURNS search.leg[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    leg search.leg;
    names text[] := '{}';
BEGIN
    IF legs IS NULL THEN
        RETURN ARRAY[search.lexical_leg(), search.identifier_leg()];
    END IF;
    FOREACH leg IN ARRAY legs LOOP
        IF leg.kind IS NULL OR leg.kind NOT IN ('lexical', 'identifier', 'vector') THEN
            RAISE EXCEPTION 'unknown leg kind: %', coalesce(leg.kind, '(null)')
                USING ERRCODE = 'SG004', HINT = 'Make legs with search.lexical_leg(), search.identifier_leg() and search.vector_leg().';
        ELSIF leg.name IS NULL OR leg.name = ANY (names) THEN
            RAISE EXCEPTION 'two legs are named %', coalesce(leg.name, '(null)')
                USING ERRCODE = 'SG004', HINT = 'Give each leg a name of its own: name => ''…''.';
        ELSIF leg.weight IS NULL OR leg.weight < 0 OR leg.weight = 'NaN' OR leg.weight = 'Infinity' THEN
            RAISE EXCEPTION 'leg % has weight %', leg.name, leg.weight
                USING ERRCODE = 'SG004', HINT = 'A weight is a finite number, zero or more.';
        ELSIF leg.pool_n IS NULL OR leg.pool_n < 1 THEN
            RAISE EXCEPTION 'leg % looks % items deep', leg.name, leg.pool_n
                USING ERRCODE = 'SG004', HINT = 'pool_n is at least 1.';
        END IF;
        names := names || leg.name;
    END LOOP;
    RETURN legs;
END $$;

COMMENT ON FUNCTION impl.checked_legs(search.leg[]) IS 'Validated legs of a hybrid query; SG004 names the bad one.';
