-- Schema of the extension dblink, quoted; SG004 where it is not installed.
--   SELECT impl.dblink_schema();
CREATE OR REPLACE FUNCTION impl.dblink_schema()
RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found text;
BEGIN
    SELECT e.extnamespace::regnamespace::text INTO found FROM pg_extension AS e WHERE e.extname = 'dblink';
    IF found IS NULL THEN
        RAISE EXCEPTION 'the extension dblink is not installed, by which a coordinator reaches its shards'
            USING ERRCODE = 'SG004', HINT =
                '`seogo shard add` installs it, where the server has it (contrib).';
    END IF;
    RETURN found;
END $$;

COMMENT ON FUNCTION impl.dblink_schema() IS 'Schema of the extension dblink.';
