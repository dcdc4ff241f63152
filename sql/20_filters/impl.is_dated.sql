-- Tests whether items of a collection that are here are valid for a time. Two look-ups in indexes.
--   SELECT impl.is_dated(1);
CREATE OR REPLACE FUNCTION impl.is_dated(cid int)
RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT EXISTS (SELECT FROM core.item AS i WHERE i.collection_id = cid AND i.metadata ? 'valid_from')
        OR EXISTS (SELECT FROM core.item AS i WHERE i.collection_id = cid AND i.metadata ? 'valid_until')
$$;

COMMENT ON FUNCTION impl.is_dated(int) IS 'Tests whether items of a collection are valid for a time.';
