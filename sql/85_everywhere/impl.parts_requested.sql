-- Requests for a question about all collections that the caller sees, or those of them that feed a space: a
-- row per shard that has items of any, with their names, and the slots that this coordinator believes the
-- shard to have of each (parts); the shard is to answer of these alone, and to ask no further shards.
--   SELECT shard, request FROM impl.parts_requested('{"do": "nearest"}');
CREATE OR REPLACE FUNCTION impl.parts_requested(asked jsonb, space text DEFAULT NULL)
RETURNS TABLE (shard int, request jsonb)
LANGUAGE sql STABLE ROWS 3
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT l.shard_id, parts_requested.asked || jsonb_build_object(
        'statistics', '{"own": true}'::jsonb, 'parts', jsonb_object_agg(c.name, l.slots))
    FROM core.shard_slots AS l JOIN core.collection AS c ON c.id = l.collection_id
    WHERE l.shard_id = ANY (impl.shards_of(NULL))
      AND (parts_requested.space IS NULL OR c.vector_sources ? parts_requested.space)
    GROUP BY l.shard_id ORDER BY l.shard_id
$$;

COMMENT ON FUNCTION impl.parts_requested(jsonb, text) IS
    'Requests to shards for a question about all collections that the caller sees.';
