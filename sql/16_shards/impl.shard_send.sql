-- Sends a statement over the session's connection to a shard, and does not wait. A connection that is not
-- there, is broken, or still has an answer that nobody read is opened anew; fresh: in any case. NULL, or why
-- the shard cannot be reached. The shard stops after as long as this session's statement_timeout.
--   SELECT impl.shard_send('a', 'SELECT 1::text', false);
CREATE OR REPLACE FUNCTION impl.shard_send(shard text, statement text, fresh boolean)
RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    connection CONSTANT text := 'seogo_' || shard;
    link CONSTANT text := impl.dblink_schema();
    whole text := format('SET statement_timeout = %L; %s', current_setting('statement_timeout'),
                                  statement);
    sent int;
BEGIN
    -- Asking whether it is busy reads what has come, the end of the connection among that. In one statement:
    -- each is planned anew, which takes longer than it does.
    EXECUTE format('SELECT CASE WHEN NOT $3 AND $1 = ANY (%1$s.dblink_get_connections())
                    THEN CASE WHEN %1$s.dblink_is_busy($1) >= 0 THEN %1$s.dblink_send_query($1, $2) END END',
                   link) INTO sent USING connection, whole, fresh;
    IF sent IS DISTINCT FROM 1 THEN
        PERFORM impl.shard_hang_up(ARRAY[shard]);
        EXECUTE format('SELECT %s.dblink_connect($1, $2)', link) USING connection, 'seogo_shard_' || shard;
        EXECUTE format('SELECT %s.dblink_send_query($1, $2)', link) INTO sent USING connection, whole;
    END IF;
    RETURN CASE WHEN sent = 0 THEN 'the connection broke' END;
EXCEPTION WHEN SQLSTATE '08001' OR SQLSTATE '08003' OR SQLSTATE '08006' THEN
    GET STACKED DIAGNOSTICS whole = PG_EXCEPTION_DETAIL;
    RETURN coalesce(nullif(split_part(whole, E'\n', 1), ''), SQLERRM);
END $$;

COMMENT ON FUNCTION impl.shard_send(text, text, boolean) IS
    'Sends a statement to a shard; NULL, or why it cannot be reached.';
