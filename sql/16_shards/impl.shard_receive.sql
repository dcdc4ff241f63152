-- Waits for the answer of a shard to what impl.shard_send sent: the last of the texts that its statements
-- returned. Errors of the shard are raised here, with its SQLSTATE, detail and hint.
--   SELECT impl.shard_receive('a');
CREATE OR REPLACE FUNCTION impl.shard_receive(shard text)
RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    statement CONSTANT text := format('SELECT r.told FROM %s.dblink_get_result($1) AS r(told text)',
                                      impl.dblink_schema());
    answer text;
    told text;
    n int;
BEGIN
    LOOP
        EXECUTE statement INTO told USING 'seogo_' || shard;
        GET DIAGNOSTICS n = ROW_COUNT;
        EXIT WHEN n = 0;  -- all has been read
        answer := told;
    END LOOP;
    RETURN answer;
END $$;

COMMENT ON FUNCTION impl.shard_receive(text) IS 'Answer of a shard to what was sent to it.';
