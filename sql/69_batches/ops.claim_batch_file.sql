-- Leases a picture that is no upload but a file of whoever calls, by its place in a run: nobody else gets it
-- until the lease or the session ends. state: claimed; busy, where another has it; inspected or refused,
-- where it is done. attempts: how often it was claimed, so that one over which programs die is given up.
--   SELECT state, attempts FROM ops.claim_batch_file(1, 'a.jpg@3f2a9c01d2e4');
CREATE OR REPLACE FUNCTION ops.claim_batch_file(
    run_id int,
    place text,
    lease interval DEFAULT '15 minutes')
RETURNS TABLE (state text, attempts int)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    me CONSTANT int := impl.worker();
    alive CONSTANT int[] := impl.live_workers();
BEGIN
    INSERT INTO core.batch_picture AS b (run_id, place, state, lease_until, lease_by, attempts)
    VALUES (claim_batch_file.run_id, claim_batch_file.place, 'waiting', now() + claim_batch_file.lease, me, 1)
    ON CONFLICT ON CONSTRAINT batch_picture_pkey DO UPDATE
        SET lease_until = excluded.lease_until, lease_by = me, attempts = b.attempts + 1
        WHERE b.state = 'waiting'
          AND impl.is_free(b.lease_until, b.lease_by, alive)
    RETURNING 'claimed', b.attempts INTO claim_batch_file.state, claim_batch_file.attempts;
    IF NOT FOUND THEN
        SELECT CASE b.state WHEN 'waiting' THEN 'busy' ELSE b.state END, b.attempts
            INTO claim_batch_file.state, claim_batch_file.attempts
        FROM core.batch_picture AS b
        WHERE b.run_id = claim_batch_file.run_id AND b.place = claim_batch_file.place;
    END IF;
    RETURN NEXT;
END $$;

COMMENT ON FUNCTION ops.claim_batch_file(int, text, interval) IS
    'Leases a file of a run to this session, or says what became of it.';
