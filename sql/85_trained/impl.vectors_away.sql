-- Vectors of a space that the items of a sharded collection have; none where its items are here.
--   SELECT v.external_id
--   FROM impl.vectors_away(impl.named_collection('parts'), impl.live_space('text')) AS v;
CREATE OR REPLACE FUNCTION impl.vectors_away(cid int, live ops.space)
RETURNS TABLE (item_id bigint, external_id text, source text, part_no int, vec pgvector.halfvec)
LANGUAGE sql STABLE ROWS 1000
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT v.* FROM impl.shard_pages(cid, jsonb_build_object(
        'do', 'stored', 'space', (live).name || '@' || (live).generation, 'limit', 500)) AS p
    CROSS JOIN LATERAL jsonb_array_elements(p) AS r
    CROSS JOIN LATERAL jsonb_to_record(r) AS v(
        item_id bigint, external_id text, source text, part_no int, vec pgvector.halfvec)
$$;

COMMENT ON FUNCTION impl.vectors_away(int, ops.space) IS
    'Vectors of a space that the items of a sharded collection have.';
