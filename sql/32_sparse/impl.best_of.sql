-- The n best of ranked rows, an item once, by its best row, as arrays; ties by item_id.
--   SELECT * FROM impl.best_of('{1,2,1}', '{3,2,4}', '{item,item,item}', '{0,0,1}', 2);
CREATE OR REPLACE FUNCTION impl.best_of(
    item_ids bigint[],
    item_scores float8[],
    item_sources text[],
    item_parts int[],
    n int,
    OUT ids bigint[],
    OUT scores float8[],
    OUT sources text[],
    OUT parts int[])
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(array_agg(t.id ORDER BY t.score DESC, t.id), '{}'),
           coalesce(array_agg(t.score ORDER BY t.score DESC, t.id), '{}'),
           coalesce(array_agg(t.source ORDER BY t.score DESC, t.id), '{}'),
           coalesce(array_agg(t.part ORDER BY t.score DESC, t.id), '{}')
    FROM (
        SELECT b.* FROM (
            SELECT DISTINCT ON (u.id) u.id, u.score, u.source, u.part
            FROM unnest(item_ids, item_scores, item_sources, item_parts) AS u(id, score, source, part)
            ORDER BY u.id, u.score DESC, u.source, u.part) AS b
        ORDER BY b.score DESC, b.id LIMIT best_of.n) AS t
$$;

COMMENT ON FUNCTION impl.best_of(bigint[], float8[], text[], int[], int) IS
    'The n best of ranked rows, an item once, by its best row.';
