-- Counts the pictures of a batch by what became of them, and ends its run when none waits; wakes workers
-- where some do. Returns how many wait. The run is locked first, so that of two that end at once the later
-- one sees both.
--   SELECT ops.close_batch(1);
CREATE OR REPLACE FUNCTION ops.close_batch(run_id int)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    waiting bigint;
BEGIN
    PERFORM FROM ops.run AS r WHERE r.id = close_batch.run_id FOR UPDATE;
    PERFORM ops.count_batch(close_batch.run_id);
    SELECT count(*) INTO waiting FROM core.batch_picture AS b
    WHERE b.run_id = close_batch.run_id AND b.state = 'waiting';
    UPDATE ops.run AS r SET state = 'done', finished_at = now()
    WHERE r.id = close_batch.run_id AND r.state = 'running' AND waiting = 0;
    IF waiting > 0 THEN
        PERFORM pg_notify('seogo_work', 'defects');
    END IF;
    RETURN waiting;
END $$;

COMMENT ON FUNCTION ops.close_batch(int) IS
    'Counts the pictures of a batch and ends its run when none waits; returns how many wait.';
