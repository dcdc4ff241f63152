-- Number of items of a sharded collection; NULL where a shard does not answer, as lists of collections are to
-- be seen then too.
--   SELECT impl.spread_items(impl.named_collection('parts'));
CREATE OR REPLACE FUNCTION impl.spread_items(cid int)
RETURNS bigint
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET seogo.without = ''
AS $$
BEGIN
    RETURN (SELECT t.items FROM search.total((SELECT c.name FROM core.collection AS c
        WHERE c.id = cid)) AS t);
EXCEPTION WHEN SQLSTATE 'SG005' THEN
    RETURN NULL;
END $$;

COMMENT ON FUNCTION impl.spread_items(int) IS
    'Number of items of a sharded collection, NULL where a shard does not answer.';
