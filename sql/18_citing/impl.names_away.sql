-- Names and titles of items of a sharded collection, by id; those that are gone are left out.
--   SELECT n.title FROM impl.names_away(impl.named_collection('laws'), '{1000000000001}') AS n;
CREATE OR REPLACE FUNCTION impl.names_away(cid int, ids bigint[])
RETURNS TABLE (id bigint, external_id text, title text)
LANGUAGE plpgsql STABLE ROWS 10
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF ids = '{}' THEN
        RETURN;
    END IF;
    RETURN QUERY
    SELECT n.id, n.external_id, n.title
    FROM impl.ask_shards(impl.shards_of(cid), ARRAY[jsonb_build_object(
        'do', 'links', 'of', 'names', 'collection',
        (SELECT c.name FROM core.collection AS c WHERE c.id = cid), 'ids', ids::text)]) AS a
    CROSS JOIN LATERAL jsonb_to_recordset(a.answer -> 'names') AS n(id bigint, external_id text, title text);
END $$;

COMMENT ON FUNCTION impl.names_away(int, bigint[]) IS 'Names and titles of items of a sharded collection.';
