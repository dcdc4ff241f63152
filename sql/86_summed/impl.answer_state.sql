-- State of a shard in numbers: items of its parts of collections, their vectors in live spaces (fresh, those
-- that wait, failed), bytes of the database, sessions of workers. What a move has left behind, or is still
-- filling, counts nowhere: the same items are counted where they are asked.
--   SELECT impl.answer_state('{}');
CREATE OR REPLACE FUNCTION impl.answer_state(request jsonb)
RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (
        SELECT jsonb_build_object(
            'items', (SELECT coalesce(sum(impl.collection_size(h.collection_id)), 0)
                      FROM core.shard_home AS h
                      WHERE NOT impl.is_hidden(h.collection_id)),
            'fresh', coalesce(sum(c.fresh), 0), 'waiting', coalesce(sum(c.stale + c.missing), 0),
            'failed', coalesce(sum(c.failed), 0), 'bytes', pg_database_size(current_database()),
            'workers', cardinality(impl.live_workers()))
        FROM search.coverage AS c
        JOIN core.collection AS l ON l.name = c.collection
        JOIN core.shard_home AS h ON h.collection_id = l.id AND NOT impl.is_hidden(l.id)
        WHERE c.status = 'live');
END $$;

COMMENT ON FUNCTION impl.answer_state(jsonb) IS 'State of a shard in numbers.';
