-- Looks up the first vector of items in a space, by source and part: a row per item in the order given, vec
-- NULL where there is none.
--   SELECT at, item_id, vec IS NOT NULL FROM impl.first_vectors(impl.live_space('text'), '{1,2}');
CREATE OR REPLACE FUNCTION impl.first_vectors(live ops.space, ids bigint[])
RETURNS TABLE (at int, item_id bigint, vec pgvector.halfvec)
LANGUAGE plpgsql STABLE ROWS 50
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    away CONSTANT bigint[] := impl.ids_away(ids);
BEGIN
    IF away <> '{}' THEN
        RETURN QUERY
        SELECT i.at::int, i.id, coalesce(v.vec, h.vec) FROM unnest(ids) WITH ORDINALITY AS i(id, at)
        LEFT JOIN impl.shard_vectors(live, away, true) AS v ON v.item_id = i.id
        LEFT JOIN LATERAL (SELECT e.vec FROM core.embedding AS e
                           WHERE i.id <> ALL (away) AND e.space_id = live.id AND e.item_id = i.id
                           ORDER BY e.source, e.part_no LIMIT 1) AS h ON true ORDER BY i.at;
        RETURN;
    END IF;
    RETURN QUERY EXECUTE format(
        'SELECT i.at::int, i.id, v.vec FROM unnest($1) WITH ORDINALITY AS i(id, at)
         LEFT JOIN LATERAL (SELECT e.vec FROM core.%I AS e WHERE e.item_id = i.id
                            ORDER BY e.source, e.part_no LIMIT 1) AS v ON true
         ORDER BY i.at', 'embedding_' || live.id) USING ids;
END $$;

COMMENT ON FUNCTION impl.first_vectors(ops.space, bigint[]) IS
    'First vector of each item in a space, NULL where there is none.';
