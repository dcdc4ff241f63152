-- Numbers of the live worker sessions; see impl.worker.
--   SELECT impl.live_workers();
CREATE OR REPLACE FUNCTION impl.live_workers()
RETURNS int[]
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT ARRAY(SELECT l.objid::bigint::int FROM pg_locks AS l
                 WHERE l.locktype = 'advisory' AND l.classid = x'73656f67'::int::oid
                 AND l.objsubid = 2 AND l.database = (SELECT d.oid FROM pg_database AS d
                                                      WHERE d.datname = current_database()))
$$;

COMMENT ON FUNCTION impl.live_workers() IS 'Numbers of the live worker sessions.';
