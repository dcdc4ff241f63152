-- Has contradictions kept on the shards that have the items (ops.keep_judged), named by ids and external ids
-- side by side. Sums of what each returns. For ops.judge_items.
--   SELECT * FROM ops.keep_on_shards(impl.named_collection('parts'), '{}', '{}', '[]');
CREATE OR REPLACE FUNCTION ops.keep_on_shards(cid int, ids bigint[], names text[], rows jsonb)
RETURNS TABLE (opened int, reopened int, mended int, standing int)
LANGUAGE plpgsql ROWS 1
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET extra_float_digits = 1
AS $$
DECLARE
    shards int[];
    statements text[];
BEGIN
    WITH item AS MATERIALIZED (
        SELECT l.shard_id, u.id FROM unnest(ids, names) AS u(id, name)
        JOIN core.shard_slots AS l ON l.collection_id = cid AND l.slots @> impl.shard_slot(u.name)
    ),
    row AS (
        SELECT i.shard_id, jsonb_agg(f.value - 'external_id') AS judged
        FROM jsonb_array_elements(keep_on_shards.rows) AS f
        JOIN item AS i ON i.id = (f.value -> 'item_id')::bigint GROUP BY i.shard_id
    )
    SELECT array_agg(p.shard_id ORDER BY p.shard_id), array_agg(format(
               'SELECT to_jsonb(k)::text FROM ops.keep_judged(%L, %L, %L) AS k', c.name, p.ids,
               coalesce(r.judged, '[]')) ORDER BY p.shard_id)
    INTO shards, statements
    FROM (SELECT i.shard_id, array_agg(i.id) AS ids FROM item AS i GROUP BY i.shard_id) AS p
    JOIN core.collection AS c ON c.id = cid
    LEFT JOIN row AS r ON r.shard_id = p.shard_id;
    RETURN QUERY
    SELECT coalesce(sum(k.opened), 0)::int, coalesce(sum(k.reopened), 0)::int,
           coalesce(sum(k.mended), 0)::int, coalesce(sum(k.standing), 0)::int
    FROM impl.write_on_shards(coalesce(shards, '{}'), statements) AS w
    CROSS JOIN LATERAL jsonb_to_record(w.answer::jsonb) AS k(opened int, reopened int, mended int,
                                                             standing int);
END $$;

COMMENT ON FUNCTION ops.keep_on_shards(int, bigint[], text[], jsonb) IS
    'Has contradictions kept on the shards that have the items.';
