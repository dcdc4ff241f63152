-- Vectors in a space of items that are on shards; first: of each item only the first, by source and part.
--   SELECT v.item_id FROM impl.shard_vectors(impl.live_space('text'), '{1000000000001}', true) AS v;
CREATE OR REPLACE FUNCTION impl.shard_vectors(live ops.space, ids bigint[], first boolean)
RETURNS TABLE (item_id bigint, vec pgvector.halfvec)
LANGUAGE plpgsql STABLE ROWS 10
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    away CONSTANT bigint[] := impl.ids_away(ids);
BEGIN
    IF away = '{}' THEN
        RETURN;
    END IF;
    RETURN QUERY
    SELECT f.id, f.vec
    FROM (SELECT (e.found ->> 'id')::bigint AS id, (e.found ->> 'vec')::pgvector.halfvec AS vec, a.shard,
                 min(a.shard) OVER (PARTITION BY e.found ->> 'id') AS one
          FROM impl.ask_shards(impl.shards_of(NULL, live.name), ARRAY[jsonb_build_object(
              'do', 'vectors', 'space', live.name || '@' || live.generation, 'ids', away::text,
              'first', first)]) AS a
          CROSS JOIN LATERAL jsonb_array_elements(a.answer -> 'vectors') AS e(found)) AS f
    WHERE f.shard = f.one;  -- at the switch of a move two have the same
END $$;

COMMENT ON FUNCTION impl.shard_vectors(ops.space, bigint[], boolean) IS
    'Vectors in a space of items that are on shards.';
