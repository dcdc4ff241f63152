-- Writes topics of decisions into the articles of a sharded collection, each on its shard, as
-- ops.relate_articles, for which it is. Runs as the owner, whose user mappings it needs.
--   SELECT ops.relate_on_shards(impl.named_collection('laws'), '{}');
CREATE OR REPLACE FUNCTION ops.relate_on_shards(cid int, texts jsonb)
RETURNS SETOF text
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    shards int[];
    statements text[];
BEGIN
    SELECT coalesce(array_agg(p.shard_id ORDER BY p.shard_id), '{}'), array_agg(format(
               'SELECT coalesce(jsonb_agg(r), ''[]'')::text FROM ops.relate_articles(%L, %L) AS r',
               (SELECT c.name FROM core.collection AS c WHERE c.id = cid), p.texts) ORDER BY p.shard_id)
    INTO shards, statements
    FROM (SELECT l.shard_id, jsonb_object_agg(t.key, t.value) AS texts
          FROM jsonb_each(texts) AS t
          JOIN core.shard_slots AS l ON l.collection_id = cid AND l.slots @> impl.shard_slot(t.key)
          GROUP BY l.shard_id) AS p;
    IF shards <> '{}' THEN
        RETURN QUERY SELECT r.name FROM impl.write_on_shards(shards, statements) AS w
        CROSS JOIN LATERAL jsonb_array_elements_text(w.answer::jsonb) AS r(name);
    END IF;
END $$;

COMMENT ON FUNCTION ops.relate_on_shards(int, jsonb) IS
    'Writes topics of decisions into the articles of a sharded collection.';
