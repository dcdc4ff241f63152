-- Leases waiting pictures of batches to this session: nobody else gets them until the lease or the session
-- ends. request: the arguments of the run.
--   SELECT run_id, place, attempts FROM ops.claim_batch_pictures(4);
CREATE OR REPLACE FUNCTION ops.claim_batch_pictures(
    batch_n int DEFAULT 4,
    lease interval DEFAULT '15 minutes')
RETURNS TABLE (run_id int, place text, attempts int, bytes bytea, request jsonb)
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    WITH alive AS MATERIALIZED (
        SELECT impl.worker() AS me, impl.live_workers() AS workers
    ),
    due AS (
        SELECT b.run_id, b.place FROM core.batch_picture AS b CROSS JOIN alive
        WHERE b.state = 'waiting' AND b.bytes IS NOT NULL
          AND impl.is_free(b.lease_until, b.lease_by, alive.workers)
        ORDER BY b.run_id, b.place LIMIT impl.at_least('batch_n', batch_n, 0)
        FOR UPDATE OF b SKIP LOCKED
    ),
    claimed AS (
        UPDATE core.batch_picture AS b
        SET lease_until = now() + lease, lease_by = alive.me, attempts = b.attempts + 1
        FROM due CROSS JOIN alive WHERE b.run_id = due.run_id AND b.place = due.place
        RETURNING b.run_id, b.place, b.attempts, b.bytes
    )
    SELECT c.run_id, c.place, c.attempts, c.bytes, r.args
    FROM claimed AS c JOIN ops.run AS r ON r.id = c.run_id ORDER BY c.run_id, c.place
$$;

COMMENT ON FUNCTION ops.claim_batch_pictures(int, interval) IS
    'Leases waiting pictures of batches to a worker, with their bytes and the request.';
