-- Legs that rank an item among their first k, by name. legs: {leg: rank or null}. No SET: inlined into the
-- calling statement.
--   SELECT impl.first_legs('{"lexical": 2, "text": 30, "image": null}', 10);
CREATE OR REPLACE FUNCTION impl.first_legs(legs jsonb, k int)
RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT ARRAY(SELECT l.key FROM pg_catalog.jsonb_each_text(first_legs.legs) AS l
                 WHERE l.value::int OPERATOR(pg_catalog.<=) first_legs.k ORDER BY l.key)
$$;

COMMENT ON FUNCTION impl.first_legs(jsonb, int) IS 'Names of the legs that have an item among their first k.';
