-- Items of a sharded collection in the order of their ids, behind one id, that pass a filter: limit_n of each
-- shard that may have some.
--   SELECT i.id FROM impl.shard_listed(impl.named_collection('parts'), NULL, 0, NULL, 10) AS i;
CREATE OR REPLACE FUNCTION impl.shard_listed(
    cid int,
    filter text,
    after bigint,
    external_id text,
    limit_n bigint)
RETURNS SETOF core.item
LANGUAGE sql STABLE ROWS 10
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT r.* FROM impl.ask_shards(ARRAY(
        SELECT s.id FROM unnest(impl.shards_of(cid)) AS s(id)
        JOIN core.shard_slots AS l ON l.collection_id = cid AND l.shard_id = s.id
        WHERE shard_listed.external_id IS NULL OR l.slots @> impl.shard_slot(shard_listed.external_id)
        ORDER BY s.id), ARRAY[jsonb_build_object(
            'do', 'listed', 'collection', (SELECT c.name FROM core.collection AS c WHERE c.id = cid),
            'filter', shard_listed.filter, 'after', shard_listed.after,
            'external_id', shard_listed.external_id, 'limit', shard_listed.limit_n)]) AS a
    CROSS JOIN LATERAL jsonb_array_elements(a.answer -> 'rows') AS e(item)
    CROSS JOIN LATERAL jsonb_populate_record(
        NULL::core.item, e.item || jsonb_build_object('collection_id', cid)) AS r
    ORDER BY r.id
$$;

COMMENT ON FUNCTION impl.shard_listed(int, text, bigint, text, bigint) IS
    'Items of a sharded collection in the order of their ids, behind one.';
