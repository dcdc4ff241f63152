-- Validates the legs of a hybrid query and fills in weights: the leg's own, else the profile's, else 1. An
-- identifier leg that neither gives a weight keeps NULL: its best items may come first (impl.number_leads),
-- and otherwise it counts as 1.
--   SELECT impl.checked_legs(ARRAY[search.lexical_leg()], '{"lexical": 2}');
CREATE OR REPLACE FUNCTION impl.checked_legs(legs search.leg[], weights jsonb)
RETURNS search.leg[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    leg search.leg;
    names text[] := '{}';
    checked search.leg[] := '{}';
BEGIN
    FOREACH leg IN ARRAY legs LOOP
        leg.weight := coalesce(leg.weight, (weights ->> leg.name)::float8,
                               CASE WHEN leg.kind <> 'identifier' THEN 1 END);
        IF leg.kind IS NULL OR leg.kind NOT IN ('lexical', 'identifier', 'vector', 'like') THEN
            RAISE EXCEPTION 'unknown leg kind: %', coalesce(leg.kind, '(null)') USING ERRCODE = 'SG004',
                HINT = 'Make legs with search.lexical_leg(), identifier_leg(), vector_leg() and like_leg().';
        ELSIF leg.name IS NULL OR leg.name = ANY (names) THEN
            RAISE EXCEPTION 'two legs are named %', coalesce(leg.name, '(null)')
                USING ERRCODE = 'SG004', HINT = 'Give each leg a name of its own: name => ''…''.';
        ELSIF leg.weight <> 0 AND leg.weight NOT BETWEEN 0.000001 AND 1000000 THEN
            -- Beyond these, products with scores leave the range of float8, and weights say nothing more.
            RAISE EXCEPTION 'leg % has weight %', leg.name, leg.weight
                USING ERRCODE = 'SG004', HINT = 'A weight is 0, or a number from 0.000001 to 1000000.';
        ELSIF leg.pool_n IS NULL OR leg.pool_n < 1 THEN
            RAISE EXCEPTION 'leg % looks % items deep', leg.name, leg.pool_n
                USING ERRCODE = 'SG004', HINT = 'pool_n is at least 1.';
        END IF;
        names := names || leg.name;
        checked := checked || leg;
    END LOOP;
    RETURN checked;
END $$;

COMMENT ON FUNCTION impl.checked_legs(search.leg[], jsonb) IS
    'Validated legs of a hybrid query; SG004 names the bad one.';
