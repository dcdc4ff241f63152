-- Waits for the answer of a shard to what impl.shard_send sent: the last of the texts that its statements
-- returned. Errors of the shard are raised here, with its SQLSTATE, detail and hint.
--   SELECT impl.shard_receive('a');
CREATE OR REPLACE FUNCTION impl.shard_receive(shard text)
RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    -- A question has two results, of SET and its own, behind which nothing comes: read in one statement,
    -- since each is planned anew.
    statement CONSTANT text := format(
        'SELECT ARRAY[(SELECT r.told FROM %1$s.dblink_get_result($1) AS r(told text)),
                      (SELECT r.told FROM %1$s.dblink_get_result($1) AS r(told text)),
                      (SELECT r.told FROM %1$s.dblink_get_result($1) AS r(told text))]',
        impl.dblink_schema());
    answer text;
    told text[];
BEGIN
    LOOP
        EXECUTE statement INTO told USING 'seogo_' || shard;
        answer := coalesce(told[3], told[2], told[1], answer);
        EXIT WHEN told[3] IS NULL;  -- all has been read
    END LOOP;
    RETURN answer;
END $$;

COMMENT ON FUNCTION impl.shard_receive(text) IS 'Answer of a shard to what was sent to it.';
