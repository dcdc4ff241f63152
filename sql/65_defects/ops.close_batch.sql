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
    counted jsonb;
    waiting bigint;
BEGIN
    PERFORM FROM ops.run AS r WHERE r.id = close_batch.run_id FOR UPDATE;
    SELECT jsonb_object_agg(g.what, g.n) FILTER (WHERE g.what <> 'waiting'),
           coalesce(sum(g.n) FILTER (WHERE g.what = 'waiting'), 0) INTO counted, waiting
    FROM (SELECT CASE WHEN b.state = 'inspected' THEN coalesce(b.verdict, 'deleted') ELSE b.state END AS what,
                 count(*) AS n
          FROM search.batch_pictures AS b WHERE b.run_id = close_batch.run_id GROUP BY 1) AS g;
    UPDATE ops.run AS r
    SET counts = coalesce(counted, '{}'), updated_at = now(),
        state = CASE WHEN waiting = 0 THEN 'done' ELSE r.state END,
        finished_at = CASE WHEN waiting = 0 THEN now() END
    WHERE r.id = close_batch.run_id AND r.state = 'running';
    IF waiting > 0 THEN
        PERFORM pg_notify('seogo_work', 'defects');
    END IF;
    RETURN waiting;
END $$;

COMMENT ON FUNCTION ops.close_batch(int) IS
    'Counts the pictures of a batch and ends its run when none waits; returns how many wait.';
