-- Leg for search.hybrid that ranks by part and serial numbers in the query; weight NULL: the profile's, or 1.
-- No SET: inlined into the calling query.
--   SELECT search.identifier_leg(weight => 2);
CREATE OR REPLACE FUNCTION search.identifier_leg(
    weight float8 DEFAULT NULL,
    pool_n int DEFAULT 20,
    name text DEFAULT 'identifier')
RETURNS search.leg
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT ROW(name, 'identifier', NULL, NULL, NULL, weight, pool_n, NULL, NULL)::search.leg $$;

COMMENT ON FUNCTION search.identifier_leg(float8, int, text) IS
    'A leg that ranks by part and serial numbers in the query; pool_n items deep.';
