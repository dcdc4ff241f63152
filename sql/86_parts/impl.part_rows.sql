-- On a shard: items of a collection with their vectors, the generations for which they wait (`queued`), and
-- what hangs on them (`extras`: impl.item_extras), as ops.fill_part on another one takes them.
--   SELECT impl.part_rows('parts', '{1000000000001}');
CREATE OR REPLACE FUNCTION impl.part_rows(collection text, ids bigint[])
RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
SET extra_float_digits = 1
AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object(
        'id', i.id, 'external_id', i.external_id, 'fields', i.fields, 'metadata', i.metadata,
        'picture_fields', i.picture_fields, 'created_at', i.created_at, 'updated_at', i.updated_at,
        'vectors', v.vectors, 'queued', q.queued, 'extras', impl.item_extras(i.id)) ORDER BY i.id), '[]')
    FROM core.item AS i
    CROSS JOIN LATERAL (
        SELECT jsonb_agg(to_jsonb(e) - '{item_id,space_id,doc}'::text[] || jsonb_build_object(
            'space', s.name, 'generation', s.generation, 'start_at', k.start_at, 'stop_at', k.stop_at))
            AS vectors
        FROM core.embedding AS e
        JOIN ops.space AS s ON s.id = e.space_id AND s.status <> 'retired'
        LEFT JOIN core.chunk AS k ON k.item_id = e.item_id AND k.space_id = e.space_id
            AND k.source = e.source AND k.part_no = e.part_no
        WHERE e.item_id = i.id) AS v
    CROSS JOIN LATERAL (
        SELECT coalesce(jsonb_agg(jsonb_build_object('space', s.name, 'generation', s.generation)), '[]')
            AS queued
        FROM ops.outbox AS o JOIN ops.space AS s ON s.id = o.space_id WHERE o.item_id = i.id) AS q
    WHERE i.id = ANY (part_rows.ids) AND i.collection_id = impl.named_collection(part_rows.collection)
$$;

COMMENT ON FUNCTION impl.part_rows(text, bigint[]) IS 'Items of a shard with their vectors, for a move.';
