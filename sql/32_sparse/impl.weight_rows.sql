-- Token weights that items have in a space of kind sparse, in a fixed order, wherever the items are: here, or
-- on shards.
--   SELECT r.token_weights FROM impl.weight_rows(1, '{1,2}', NULL) AS r;
CREATE OR REPLACE FUNCTION impl.weight_rows(space_id int, ids bigint[], only_source text)
RETURNS TABLE (at bigint, item_id bigint, token_weights pgvector.sparsevec)
LANGUAGE sql STABLE ROWS 10
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT row_number() OVER (ORDER BY r.item_id, r.at), r.item_id, r.token_weights
    FROM (
        SELECT e.item_id, row_number() OVER (ORDER BY e.source, e.part_no) AS at, e.token_weights
        FROM core.embedding AS e
        WHERE e.space_id = weight_rows.space_id AND e.item_id = ANY (weight_rows.ids)
          AND (weight_rows.only_source IS NULL OR e.source = weight_rows.only_source)
        UNION ALL
        SELECT v.item_id, v.at, v.token_weights
        FROM ops.space AS s
        CROSS JOIN LATERAL impl.shard_weights(s, weight_rows.ids, weight_rows.only_source) AS v
        WHERE s.id = weight_rows.space_id) AS r
$$;

COMMENT ON FUNCTION impl.weight_rows(int, bigint[], text) IS
    'Token weights that items have in a space of kind sparse, here or on shards.';
