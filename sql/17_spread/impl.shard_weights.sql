-- Token weights in a space of kind sparse of items that are on shards, `at` in the order of source and part.
--   SELECT v.item_id FROM impl.shard_weights(impl.live_space('sparse'), '{1000000000001}', NULL) AS v;
CREATE OR REPLACE FUNCTION impl.shard_weights(live ops.space, ids bigint[], only_source text)
RETURNS TABLE (item_id bigint, at bigint, token_weights pgvector.sparsevec)
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
    SELECT f.id, f.at, f.weights
    FROM (SELECT (e.found ->> 'id')::bigint AS id, e.at, a.shard,
                 (e.found ->> 'weights')::pgvector.sparsevec AS weights,
                 min(a.shard) OVER (PARTITION BY e.found ->> 'id') AS one
    FROM impl.ask_shards(impl.shards_of(NULL, live.name), ARRAY[jsonb_build_object(
        'do', 'vectors', 'space', live.name || '@' || live.generation, 'ids', away::text,
        'source', only_source)]) AS a
    CROSS JOIN LATERAL jsonb_array_elements(a.answer -> 'vectors') WITH ORDINALITY AS e(found, at)) AS f
    WHERE f.shard = f.one;  -- at the switch of a move two have the same
END $$;

COMMENT ON FUNCTION impl.shard_weights(ops.space, bigint[], text) IS
    'Token weights in a space of kind sparse of items that are on shards.';
