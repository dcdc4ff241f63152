-- Tests whether a generation that is being built needs an index before it can take over: the live one has one
-- here (ops.switch_generation).
--   SELECT impl.index_waits(impl.live_space('text@2'));
CREATE OR REPLACE FUNCTION impl.index_waits(building ops.space)
RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT EXISTS (
        SELECT FROM search.spaces AS b JOIN ops.space AS l ON l.name = b.space AND l.status = 'live'
        WHERE b.space_id = (building).id AND b.status = 'building' AND NOT b.indexed
          AND to_regclass('core.embedding_' || l.id || '_hnsw') IS NOT NULL)
$$;

COMMENT ON FUNCTION impl.index_waits(ops.space) IS
    'Tests whether a generation that is being built needs an index before it can take over.';
