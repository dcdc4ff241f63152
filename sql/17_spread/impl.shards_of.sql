-- Shards of a collection by number, all shards where it is NULL; with the name of a space, those that have
-- collections that feed it: others may not have it, and would refuse. Without those that the setting
-- seogo.without names, separated by commas: who sets it wants an answer without them (search.unreachable).
--   SELECT impl.shards_of(impl.named_collection('parts'));
CREATE OR REPLACE FUNCTION impl.shards_of(cid int, space text DEFAULT NULL)
RETURNS int[]
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT ARRAY(
        SELECT s.id FROM core.shard AS s
        WHERE (cid IS NULL OR EXISTS (SELECT FROM core.shard_slots AS l
                                      WHERE l.collection_id = cid AND l.shard_id = s.id))
          AND (space IS NULL OR EXISTS (
              SELECT FROM core.shard_slots AS l JOIN core.collection AS c ON c.id = l.collection_id
              WHERE l.shard_id = s.id AND c.vector_sources ? shards_of.space))
          AND s.name <> ALL (string_to_array(coalesce(current_setting('seogo.without', true), ''), ','))
        ORDER BY s.id)
$$;

COMMENT ON FUNCTION impl.shards_of(int, text) IS 'Shards of a collection, or all, by number.';
