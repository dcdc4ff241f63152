-- Shards of a collection by number, all shards where it is NULL; without those that the setting seogo.without
-- names, separated by commas: who sets it wants an answer without them (search.unreachable).
--   SELECT impl.shards_of(impl.named_collection('parts'));
CREATE OR REPLACE FUNCTION impl.shards_of(cid int)
RETURNS int[]
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT ARRAY(
        SELECT s.id FROM core.shard AS s
        WHERE (cid IS NULL OR EXISTS (SELECT FROM core.shard_slots AS l
                                      WHERE l.collection_id = cid AND l.shard_id = s.id))
          AND s.name <> ALL (string_to_array(coalesce(current_setting('seogo.without', true), ''), ','))
        ORDER BY s.id)
$$;

COMMENT ON FUNCTION impl.shards_of(int) IS 'Shards of a collection, or all, by number.';
