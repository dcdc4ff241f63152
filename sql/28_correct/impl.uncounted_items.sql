-- Items of a collection, and by how many of them its vocabulary differs; of a sharded one those of all shards
-- that are asked, NULL while one does not answer.
--   SELECT * FROM impl.uncounted_items(impl.named_collection('parts'));
CREATE OR REPLACE FUNCTION impl.uncounted_items(cid int, OUT items bigint, OUT missing bigint)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v core.vocabulary;
BEGIN
    SELECT o.* INTO v FROM core.vocabulary AS o WHERE o.collection_id = cid AND o.live;
    IF NOT impl.is_spread(cid) THEN
        items := impl.collection_size(cid);
        missing := abs(items - coalesce(v.documents, 0));
        RETURN;
    END IF;
    SELECT sum((a.answer -> 'items')::bigint),
           sum(abs((a.answer -> 'items')::bigint
                   - coalesce((v.origin -> a.shard -> 'documents')::bigint, 0)))
    INTO items, missing
    FROM impl.ask_shards(impl.shards_of(cid), ARRAY[jsonb_build_object(
        'do', 'vocabulary', 'collection', (SELECT c.name FROM core.collection AS c WHERE c.id = cid))]) AS a;
EXCEPTION WHEN SQLSTATE 'SG005' THEN
    RETURN;  -- the search itself says so
END $$;

COMMENT ON FUNCTION impl.uncounted_items(int) IS
    'Items of a collection, and by how many of them its vocabulary differs.';
