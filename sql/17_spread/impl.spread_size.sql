-- Number of items of a sharded collection, and whether some are valid for a time; both NULL where a shard
-- does not answer, as lists of collections are to be seen then too, and of a collection that is here.
--   SELECT * FROM impl.spread_size(impl.named_collection('parts'));
CREATE OR REPLACE FUNCTION impl.spread_size(cid int, OUT items bigint, OUT dated boolean)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET seogo.without = ''
AS $$
BEGIN
    IF impl.is_spread(cid) THEN
        SELECT sum((a.answer -> 'items')::bigint), bool_or((a.answer -> 'dated')::boolean) INTO items, dated
        FROM impl.ask_shards(impl.shards_of(cid), ARRAY[jsonb_build_object(
            'do', 'size', 'collection', (SELECT c.name FROM core.collection AS c WHERE c.id = cid))]) AS a;
    END IF;
EXCEPTION WHEN SQLSTATE 'SG005' THEN
    items := NULL;
    dated := NULL;
END $$;

COMMENT ON FUNCTION impl.spread_size(int) IS
    'Number of items of a sharded collection, and whether some are valid for a time.';
