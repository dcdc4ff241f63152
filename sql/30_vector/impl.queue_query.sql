-- Queues a query text of a space for encoding unless it is there already, and returns its state: ready,
-- queued, or 'failed: reason'. Runs as the owner, only for this: readers may ask, but neither see nor change
-- the queries of others. So that nobody fills the queue or the disk, a login without write access to the
-- table has at most 1,000 texts waiting and 10,000 stored; the oldest are removed.
--   SELECT impl.queue_query((impl.live_space('text')).id, '진공 펌프 소음');
CREATE OR REPLACE FUNCTION impl.queue_query(space_id int, query text)
RETURNS text
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    waiting_n CONSTANT int := 1000;
    kept_n CONSTANT int := 10000;
    hash CONSTANT uuid := impl.query_hash(query);
    there ops.query_vector;
BEGIN
    IF btrim(coalesce(query, '')) = '' OR length(query) > 10000 THEN
        RAISE EXCEPTION 'a query has between 1 and 10000 characters' USING ERRCODE = 'SG004',
            HINT = 'Give the words to be searched for.';
    END IF;
    IF impl.idf_query(space_id, query) IS NOT NULL THEN
        RETURN 'ready';
    END IF;
    SELECT v.* INTO there FROM ops.query_vector AS v
    WHERE v.space_id = queue_query.space_id AND v.query_hash = hash;
    IF there.space_id IS NOT NULL THEN
        RETURN CASE WHEN there.vec IS NOT NULL THEN 'ready'
                    WHEN there.error IS NOT NULL THEN 'failed: ' || there.error ELSE 'queued' END;
    END IF;
    IF NOT has_table_privilege(session_user, 'ops.query_vector', 'INSERT') THEN
        IF waiting_n <= (SELECT count(*) FROM ops.query_vector AS v
                         WHERE v.asked_by = session_user AND v.vec IS NULL AND v.error IS NULL) THEN
            RAISE EXCEPTION '% query texts of yours wait to be encoded', waiting_n USING ERRCODE = 'SG004',
                HINT = 'Ask for more when the worker (`seogo embed`) has encoded them.';
        END IF;
        DELETE FROM ops.query_vector AS v USING (
            SELECT o.space_id, o.query_hash FROM ops.query_vector AS o
            WHERE o.asked_by = session_user ORDER BY o.asked_at DESC, o.query_hash OFFSET kept_n - 1) AS old
        WHERE v.space_id = old.space_id AND v.query_hash = old.query_hash;
    END IF;
    INSERT INTO ops.query_vector (space_id, query_hash, query)
    VALUES (space_id, hash, btrim(query)) ON CONFLICT DO NOTHING;
    PERFORM pg_notify('seogo_work', 'vectors');
    RETURN 'queued';
END $$;

COMMENT ON FUNCTION impl.queue_query(int, text) IS
    'Queues a query text for encoding and returns its state: ready, queued or failed.';
