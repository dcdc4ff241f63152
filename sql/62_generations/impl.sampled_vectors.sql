-- Sample of the items that are here and have vectors in two generations of a space, in an order that has
-- nothing to do with when items came: the first by a hash of the id. With each the first vector, by source
-- and part, that it has in both, as queries, and the lengths of these. among: its keys are the names of the
-- collections whose items are meant.
--   SELECT item_id, first_norm, second_norm
--   FROM impl.sampled_vectors(impl.live_space('text@1'), impl.live_space('text@2'), '{"parts": null}', 100);
CREATE OR REPLACE FUNCTION impl.sampled_vectors(
    first ops.space,
    second ops.space,
    among jsonb,
    limit_n int)
RETURNS TABLE (
    item_id bigint,
    first_vec pgvector.halfvec,
    second_vec pgvector.halfvec,
    first_norm float8,
    second_norm float8)
LANGUAGE plpgsql STABLE ROWS 100
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH drawn AS MATERIALIZED (
        SELECT e.item_id FROM core.embedding AS e WHERE e.space_id = second.id
          AND EXISTS (SELECT FROM core.embedding AS o WHERE o.space_id = first.id AND o.item_id = e.item_id)
          AND EXISTS (SELECT FROM core.item AS i JOIN core.collection AS c ON c.id = i.collection_id
                      WHERE i.id = e.item_id AND among ? c.name)
        GROUP BY e.item_id ORDER BY hashint8extended(e.item_id, 42), e.item_id LIMIT limit_n)
    SELECT d.item_id, v.* FROM drawn AS d
    LEFT JOIN LATERAL (
        SELECT coalesce(a.vec, impl.row_vector(a.token_weights)),
               coalesce(b.vec, impl.row_vector(b.token_weights)),
               coalesce(pgvector.l2_norm(a.vec), pgvector.l2_norm(a.token_weights)),
               coalesce(pgvector.l2_norm(b.vec), pgvector.l2_norm(b.token_weights))
        FROM core.embedding AS a JOIN core.embedding AS b USING (item_id, source, part_no)
        WHERE a.space_id = first.id AND b.space_id = second.id AND a.item_id = d.item_id
        ORDER BY source, part_no LIMIT 1) AS v ON true;
END $$;

COMMENT ON FUNCTION impl.sampled_vectors(ops.space, ops.space, jsonb, int) IS
    'Sample of the items that are here and have vectors in two generations of a space.';
