-- Deletes expired rankings; returns how many.
--   SELECT ops.forget_rankings();
CREATE OR REPLACE FUNCTION ops.forget_rankings()
RETURNS bigint
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    WITH gone AS (DELETE FROM ops.ranking AS r WHERE r.expires_at < now() RETURNING r.id)
    SELECT count(*) FROM gone
$$;

COMMENT ON FUNCTION ops.forget_rankings() IS 'Deletes expired rankings; returns how many.';
