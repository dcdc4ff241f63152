-- Inserts or updates items of a sharded collection, as ops.upsert_items, each on the shard of its slot. Runs
-- as the owner, whose user mappings it needs; of what it sends, only the items come from the caller, as one
-- literal.
--   SELECT * FROM ops.upsert_on_shards(impl.named_collection('parts'), '[{"external_id": "P1"}]');
CREATE OR REPLACE FUNCTION ops.upsert_on_shards(cid int, items jsonb)
RETURNS TABLE (external_id text, item_id bigint, action text)
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    name CONSTANT text := (SELECT c.name FROM core.collection AS c WHERE c.id = cid);
    shards int[];
    statements text[];
BEGIN
    -- One without an external_id goes to any shard, which refuses it as one database would.
    SELECT array_agg(p.shard_id ORDER BY p.shard_id), array_agg(format(
               'SELECT coalesce(jsonb_agg(to_jsonb(u)), ''[]'')::text FROM ops.upsert_items(%L, %L) AS u',
               name, p.items) ORDER BY p.shard_id)
    INTO shards, statements
    FROM (SELECT l.shard_id, jsonb_agg(g.item ORDER BY g.at) AS items
          FROM jsonb_array_elements(items) WITH ORDINALITY AS g(item, at)
          JOIN core.shard_slots AS l ON l.collection_id = cid
               AND l.slots @> impl.shard_slot(coalesce(g.item ->> 'external_id', ''))
          GROUP BY l.shard_id) AS p;
    IF shards IS NOT NULL THEN
        RETURN QUERY SELECT r.external_id, r.item_id, r.action
        FROM impl.write_on_shards(shards, statements) AS w
        CROSS JOIN LATERAL jsonb_to_recordset(w.answer::jsonb) AS r(external_id text, item_id bigint, action
            text);
    END IF;
END $$;

COMMENT ON FUNCTION ops.upsert_on_shards(int, jsonb) IS
    'Inserts or updates items of a sharded collection, each on its shard.';
