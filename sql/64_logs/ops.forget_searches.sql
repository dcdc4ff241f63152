-- Deletes expired searches and clicks from the query log; returns how many searches.
--   SELECT ops.forget_searches();
CREATE OR REPLACE FUNCTION ops.forget_searches()
RETURNS bigint
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    WITH clicks AS (DELETE FROM ops.query_click AS k WHERE k.expires_at < now()),
    gone AS (DELETE FROM ops.query_log AS q WHERE q.expires_at < now() RETURNING q.id)
    SELECT count(*) FROM gone;
$$;

COMMENT ON FUNCTION ops.forget_searches() IS
    'Deletes expired searches and clicks from the query log; returns how many searches.';
