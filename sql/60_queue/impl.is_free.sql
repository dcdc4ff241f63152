-- Tells whether nobody has a lease on a row of a queue: there is none, it has run out, or the session that
-- has it is no live worker (impl.live_workers). No SET: inlined into the calling query.
--   SELECT impl.is_free(now() + interval '1 minute', 17, impl.live_workers());
CREATE OR REPLACE FUNCTION impl.is_free(lease_until timestamptz, lease_by int, workers int[])
RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
    SELECT is_free.lease_until IS NULL OR is_free.lease_until < now()
           OR is_free.lease_by <> ALL (is_free.workers)
$$;

COMMENT ON FUNCTION impl.is_free(timestamptz, int, int[]) IS
    'Tells whether nobody has a lease on a row of a queue.';
