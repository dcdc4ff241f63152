-- Deletes analyses older than an interval with their images and feedback, and returns how many; pictures that
-- were registered from them stay, as items.
--   SELECT ops.forget_analyses('10 years');
CREATE OR REPLACE FUNCTION ops.forget_analyses(older_than interval)
RETURNS bigint
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    WITH gone AS (DELETE FROM core.analysis AS a WHERE a.created_at < now() - older_than RETURNING a.id)
    SELECT count(*) FROM gone;
$$;

COMMENT ON FUNCTION ops.forget_analyses(interval) IS
    'Deletes analyses older than an interval, with their images and feedback; returns how many.';
