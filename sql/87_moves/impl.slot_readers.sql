-- Virtual transactions of others on this database that have read core.shard_slots and go on: they may ask
-- shards by what they read then.
--   SELECT impl.slot_readers();
CREATE OR REPLACE FUNCTION impl.slot_readers()
RETURNS text[]
LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT ARRAY(SELECT DISTINCT l.virtualtransaction FROM pg_locks AS l
                 WHERE l.relation = 'core.shard_slots'::regclass AND l.pid <> pg_backend_pid() AND l.granted
                   AND l.database = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database()))
$$;

COMMENT ON FUNCTION impl.slot_readers() IS 'Transactions of others that have read core.shard_slots.';
