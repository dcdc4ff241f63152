-- Those of some ids of items that are not here, where there are shards, one of which may have them: ids of
-- shards, and lower ones of items that have moved there from here (`seogo shard move COLLECTION here`).
--   SELECT impl.ids_away('{1,1000000000001}');
CREATE OR REPLACE FUNCTION impl.ids_away(ids bigint[])
RETURNS bigint[]
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM core.shard) THEN
        RETURN '{}';
    END IF;
    RETURN ARRAY(
        SELECT u.id FROM unnest(ids) WITH ORDINALITY AS u(id, at)
        WHERE u.id >= impl.shard_span() OR NOT EXISTS (SELECT FROM core.item AS i WHERE i.id = u.id)
        ORDER BY u.at);
END $$;

COMMENT ON FUNCTION impl.ids_away(bigint[]) IS
    'Those of some ids of items that are not here, and may be on shards.';
