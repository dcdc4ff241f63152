-- Installs the extension dblink in a schema of its own, which nobody else may use, where it is missing; SG004
-- where the server does not have it.
--   SELECT impl.make_dblink();
CREATE OR REPLACE FUNCTION impl.make_dblink()
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM pg_extension AS e CROSS JOIN aclexplode((
                   SELECT coalesce(n.nspacl, acldefault('n', n.nspowner)) FROM pg_namespace AS n
                   WHERE n.oid = e.extnamespace)) AS a
               WHERE e.extname = 'dblink' AND a.grantee = 0) THEN
        RAISE EXCEPTION 'the extension dblink is where everybody may use it, connections to shards among that'
            USING ERRCODE = 'SG004',
                  HINT = 'CREATE SCHEMA seogo_dblink; ALTER EXTENSION dblink SET SCHEMA seogo_dblink;';
    ELSIF EXISTS (SELECT FROM pg_extension AS e WHERE e.extname = 'dblink') THEN
        RETURN;
    ELSIF NOT EXISTS (SELECT FROM pg_available_extensions AS e WHERE e.name = 'dblink') THEN
        RAISE EXCEPTION 'this server does not have the extension dblink' USING ERRCODE = 'SG004',
            HINT = 'Coordinate from one that has it: with PostgreSQL''s contrib (postgresql-contrib), a'
                ' managed service, or the embedded server.';
    END IF;
    CREATE SCHEMA IF NOT EXISTS seogo_dblink;
    CREATE EXTENSION dblink SCHEMA seogo_dblink;
END $$;

COMMENT ON FUNCTION impl.make_dblink() IS 'Installs the extension dblink where it is missing.';
