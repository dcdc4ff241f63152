-- Vector of an item in a space: the mean of its stored vectors, of one source where it is named, normalised;
-- NULL where it has none. In a space of kind sparse the mean of its token weights (impl.item_weights). The
-- item may be on a shard.
--   SELECT impl.item_vector(impl.live_space('text'), (SELECT min(item_id) FROM core.embedding), NULL);
CREATE OR REPLACE FUNCTION impl.item_vector(live ops.space, item_id bigint, only_source text)
RETURNS pgvector.halfvec
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce((SELECT CASE WHEN (item_vector.live).kind = 'sparse'
                THEN impl.item_weights((item_vector.live).id, ARRAY[item_vector.item_id], '{}',
                                       item_vector.only_source)
                ELSE pgvector.l2_normalize(pgvector.avg(e.vec)) END
    FROM core.embedding AS e
    WHERE e.space_id = (item_vector.live).id AND e.item_id = item_vector.item_id
      AND (item_vector.only_source IS NULL OR e.source = item_vector.only_source)),
        (impl.vector_away(item_vector.live, item_vector.item_id, item_vector.only_source)
             ->> 'vec')::pgvector.halfvec)
$$;

COMMENT ON FUNCTION impl.item_vector(ops.space, bigint, text) IS
    'Mean of the stored vectors of an item in a space, normalised.';
