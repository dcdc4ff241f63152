-- Character 3-grams of a folded identifier, with its start and end marked so that ends weigh more.
--   SELECT impl.identifier_grams('NRY1');   -- {"  N"," NR",NRY,RY1,"Y1 "}
CREATE OR REPLACE FUNCTION impl.identifier_grams(normalized text)
RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT array_agg(DISTINCT substr('  ' || normalized || ' ', i, 3) ORDER BY substr('  ' || normalized || ' ', i, 3))
    FROM generate_series(1, length(normalized) + 1) AS i
$$;

COMMENT ON FUNCTION impl.identifier_grams(text) IS 'Distinct character 3-grams of a folded identifier, sorted.';
