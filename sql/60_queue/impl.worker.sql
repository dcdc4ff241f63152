-- Marks this session as a worker and returns its number. The mark is an advisory lock, which ends with the
-- session: the leases of a killed worker are free at once. (73656f67 is "seog".)
--   SELECT impl.worker();
CREATE OR REPLACE FUNCTION impl.worker()
RETURNS int
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT pg_backend_pid()
    FROM (SELECT pg_try_advisory_lock_shared(x'73656f67'::int, pg_backend_pid()) OFFSET 0) AS marked
$$;

COMMENT ON FUNCTION impl.worker() IS 'Marks this session as a live worker and returns its number.';
