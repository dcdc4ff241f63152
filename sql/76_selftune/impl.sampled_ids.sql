-- Sample of the items of a collection, drawn by `seed`, wherever they are: here, or on shards. Ids of the
-- first by a hash, in that order.
--   SELECT impl.sampled_ids(impl.named_collection('parts'), 100, 7);
CREATE OR REPLACE FUNCTION impl.sampled_ids(cid int, items_n int, seed bigint)
RETURNS bigint[]
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT impl.is_spread(cid) THEN
        RETURN ARRAY(SELECT i.id FROM core.item AS i WHERE i.collection_id = cid
                     ORDER BY hashint8extended(i.id, seed), i.id LIMIT items_n);
    END IF;
    RETURN ARRAY(
        SELECT u.id FROM impl.ask_shards(impl.shards_of(cid), ARRAY[jsonb_build_object(
            'do', 'sampled', 'collection', (SELECT c.name FROM core.collection AS c WHERE c.id = cid),
            'limit', items_n, 'seed', seed)]) AS a
        CROSS JOIN LATERAL unnest((a.answer ->> 'ids')::bigint[]) AS u(id)
        ORDER BY hashint8extended(u.id, seed), u.id LIMIT items_n);
END $$;

COMMENT ON FUNCTION impl.sampled_ids(int, int, bigint) IS
    'Sample of the items of a collection, drawn by a seed, here or on shards.';
