-- Counts the pictures of a batch by what became of them, into its run while it goes on; those that wait are
-- not counted.
--   SELECT ops.count_batch(1);
CREATE OR REPLACE FUNCTION ops.count_batch(run_id int)
RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    UPDATE ops.run AS r SET updated_at = now(), counts = coalesce((
        SELECT jsonb_object_agg(g.what, g.n)
        FROM (SELECT CASE WHEN b.state = 'inspected' THEN coalesce(b.verdict, 'deleted')
                          ELSE b.state END AS what, count(*) AS n
              FROM search.batch_pictures AS b
              WHERE b.run_id = count_batch.run_id AND b.state <> 'waiting' GROUP BY 1) AS g), '{}')
    WHERE r.id = count_batch.run_id AND r.state = 'running'
$$;

COMMENT ON FUNCTION ops.count_batch(int) IS 'Counts the pictures of a batch into its run.';
