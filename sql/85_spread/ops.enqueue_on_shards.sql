-- Queues items on the shards of the collections that feed a space whose vectors in a generation do not fit
-- their content (ops.enqueue_stale): a page of each shard, behind the last id read there. cursors: these ids
-- by shard; NULL begins, and what is returned says where to go on: {} nowhere. queued: of these pages.
--   SELECT * FROM ops.enqueue_on_shards((impl.live_space('text')).id);
CREATE OR REPLACE FUNCTION ops.enqueue_on_shards(
    space_id int,
    INOUT cursors jsonb DEFAULT NULL,
    OUT queued bigint)
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    s CONSTANT ops.space := (SELECT o FROM ops.space AS o WHERE o.id = enqueue_on_shards.space_id);
    shards int[];
    statements text[];
BEGIN
    SELECT coalesce(array_agg(h.id ORDER BY h.id), '{}'), array_agg(format(
               'SELECT to_jsonb(e)::text FROM ops.enqueue_stale((impl.live_space(%L)).id, %L) AS e',
               s.name || '@' || s.generation, coalesce(cursors ->> h.name, '0')) ORDER BY h.id)
    INTO shards, statements
    FROM core.shard AS h
    WHERE h.id = ANY (impl.space_shards(s.name)) AND (cursors IS NULL OR cursors ? h.name);
    SELECT coalesce(jsonb_object_agg(w.shard, t.page -> 'last_id')
                    FILTER (WHERE t.page -> 'last_id' <> 'null'), '{}'),
           coalesce(sum((t.page -> 'queued')::bigint), 0) INTO cursors, queued
    FROM impl.write_on_shards(shards, statements) AS w
    CROSS JOIN LATERAL (SELECT w.answer::jsonb AS page) AS t;
END $$;

COMMENT ON FUNCTION ops.enqueue_on_shards(int, jsonb) IS
    'Queues items on shards with missing or stale vectors, page by page.';
