-- Leg for search.hybrid that ranks by the words of the query; weight NULL: the profile's, or 1. No SET:
-- inlined into the calling query.
--   SELECT search.lexical_leg(weight => 2);
CREATE OR REPLACE FUNCTION search.lexical_leg(
    weight float8 DEFAULT NULL,
    pool_n int DEFAULT 100,
    name text DEFAULT 'lexical')
RETURNS search.leg
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT ROW(name, 'lexical', NULL, NULL, NULL, weight, pool_n, NULL, NULL)::search.leg $$;

COMMENT ON FUNCTION search.lexical_leg(float8, int, text) IS
    'A leg that ranks by the words of the query; pool_n items deep.';
