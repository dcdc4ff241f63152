-- Leg for search.hybrid that ranks by likeness to items (and unlikeness to others) in a space. No SET:
-- inlined into the calling query.
--   SELECT search.like_leg('text', ARRAY[1], ARRAY[2]);
CREATE OR REPLACE FUNCTION search.like_leg(
    space text,
    positive_ids bigint[],
    negative_ids bigint[] DEFAULT '{}',
    weight float8 DEFAULT NULL,
    pool_n int DEFAULT 100,
    source text DEFAULT NULL,
    name text DEFAULT 'like')
RETURNS search.leg
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT ROW(name, 'like', space, source, NULL, weight, pool_n, positive_ids, negative_ids)::search.leg
$$;

COMMENT ON FUNCTION search.like_leg(text, bigint[], bigint[], float8, int, text, text) IS
    'A leg that ranks by likeness to stored items, as search.like_items.';
