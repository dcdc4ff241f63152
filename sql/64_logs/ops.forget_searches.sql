-- Deletes expired searches and clicks from the query log; returns how many searches. Also clicks on items
-- that were deleted on their shards, without this coordinator, where all shards of their collection answer.
--   SELECT ops.forget_searches();
CREATE OR REPLACE FUNCTION ops.forget_searches()
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET seogo.without = ''
AS $$
DECLARE
    cid int;
    gone bigint;
BEGIN
    DELETE FROM ops.query_click AS k WHERE k.expires_at < now();
    DELETE FROM ops.query_log AS q WHERE q.expires_at < now();
    GET DIAGNOSTICS gone = ROW_COUNT;
    FOR cid IN SELECT DISTINCT s.collection_id FROM core.shard_slots AS s ORDER BY 1 LOOP
        BEGIN
            DELETE FROM ops.query_click AS k WHERE k.collection_id = cid AND k.id <> ALL (ARRAY(
                SELECT o.id FROM impl.clicks_of(cid) AS o));
        EXCEPTION WHEN SQLSTATE 'SG005' THEN
            NULL;  -- the next time; nobody counts them meanwhile
        END;
    END LOOP;
    RETURN gone;
END $$;

COMMENT ON FUNCTION ops.forget_searches() IS
    'Deletes expired searches and clicks from the query log; returns how many searches.';
