-- Sample of the items of a collection, always the same, spread over the whole of it: id and metadata of the
-- first by a hash of the id, wherever they are: here, or on shards.
--   SELECT d.id FROM impl.drawn_items(impl.named_collection('parts'), 10) AS d;
CREATE OR REPLACE FUNCTION impl.drawn_items(cid int, limit_n int)
RETURNS TABLE (id bigint, metadata jsonb)
LANGUAGE plpgsql STABLE ROWS 1000
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF impl.is_spread(cid) THEN
        RETURN QUERY
        SELECT (e.item ->> 'id')::bigint, e.item -> 'metadata'
        FROM impl.ask_shards(impl.shards_of(cid), ARRAY[jsonb_build_object('do', 'drawn', 'limit', limit_n,
            'collection', (SELECT c.name FROM core.collection AS c WHERE c.id = cid))]) AS a
        CROSS JOIN LATERAL jsonb_array_elements(a.answer -> 'items') AS e(item)
        ORDER BY hashint8((e.item ->> 'id')::bigint), 1 LIMIT limit_n;
    ELSE
        RETURN QUERY
        WITH drawn AS MATERIALIZED (
            SELECT i.id FROM core.item AS i WHERE i.collection_id = cid
            ORDER BY hashint8(i.id), i.id LIMIT limit_n)
        SELECT i.id, i.metadata FROM drawn AS d JOIN core.item AS i ON i.id = d.id;
    END IF;
END $$;

COMMENT ON FUNCTION impl.drawn_items(int, int) IS
    'Sample of the items of a collection by a hash of the id, here or on shards.';
