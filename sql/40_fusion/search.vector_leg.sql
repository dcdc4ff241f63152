-- Leg for search.hybrid that ranks by similarity to a vector; named after its space by default. Without a
-- vector, the stored one of the query text is used (search.request_vector). weight NULL: the profile's, or 1.
-- No SET: inlined into the calling query.
--   SELECT search.vector_leg('text', (SELECT vec FROM core.embedding LIMIT 1));
CREATE OR REPLACE FUNCTION search.vector_leg(
    space text,
    vec pgvector.halfvec DEFAULT NULL,
    weight float8 DEFAULT NULL,
    pool_n int DEFAULT 100,
    source text DEFAULT NULL,
    name text DEFAULT NULL)
RETURNS search.leg
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT ROW(coalesce(name, space), 'vector', space, source, vec, weight, pool_n, NULL, NULL)::search.leg
$$;

COMMENT ON FUNCTION search.vector_leg(text, pgvector.halfvec, float8, int, text, text) IS
    'A leg that ranks by similarity to a vector in a space; source limits it to one kind of vector of the '
    'items.';
