-- Vectors that items have in a space, wherever the items are: here, or on shards. No SET: inlined into the
-- calling statement.
--   SELECT v.vec FROM impl.item_vectors(impl.live_space('text'), '{1,2}') AS v;
CREATE OR REPLACE FUNCTION impl.item_vectors(live ops.space, ids bigint[])
RETURNS TABLE (item_id bigint, vec pgvector.halfvec)
LANGUAGE sql STABLE ROWS 10
AS $$
    SELECT e.item_id, e.vec FROM core.embedding AS e
    WHERE e.space_id = (item_vectors.live).id AND e.item_id = ANY (item_vectors.ids)
    UNION ALL
    SELECT s.item_id, s.vec FROM impl.shard_vectors(item_vectors.live, item_vectors.ids, false) AS s
$$;

COMMENT ON FUNCTION impl.item_vectors(ops.space, bigint[])
    IS 'Vectors that items have in a space, here or on shards.';
