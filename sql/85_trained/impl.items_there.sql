-- Names of the items of a collection among some external_ids, here or on the shards whose slots they belong
-- to.
--   SELECT impl.items_there(impl.named_collection('parts'), '{P0002,none}');
CREATE OR REPLACE FUNCTION impl.items_there(cid int, external_ids text[])
RETURNS SETOF text
LANGUAGE plpgsql STABLE ROWS 100
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT impl.is_spread(cid) THEN
        RETURN QUERY SELECT i.external_id FROM core.item AS i
        WHERE i.collection_id = cid AND i.external_id = ANY (items_there.external_ids);
        RETURN;
    END IF;
    RETURN QUERY
    SELECT n.name
    FROM (SELECT array_agg(p.shard_id) AS shards, array_agg(jsonb_build_object('do', 'there',
                     'collection', (SELECT c.name FROM core.collection AS c WHERE c.id = cid),
                     'external_ids', p.names::text)) AS requests
          FROM (SELECT l.shard_id, array_agg(DISTINCT u.name) AS names
                FROM unnest(items_there.external_ids) AS u(name)
                JOIN core.shard_slots AS l ON l.collection_id = cid AND l.slots @> impl.shard_slot(u.name)
                WHERE l.shard_id = ANY (impl.shards_of(cid)) GROUP BY l.shard_id) AS p) AS q
    CROSS JOIN LATERAL impl.ask_shards(coalesce(q.shards, '{}'), coalesce(q.requests, '{}')) AS a
    CROSS JOIN LATERAL jsonb_array_elements_text(a.answer -> 'names') AS n(name);
END $$;

COMMENT ON FUNCTION impl.items_there(int, text[]) IS
    'Names of the items of a collection among some external_ids, here or on shards.';
