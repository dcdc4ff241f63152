-- Signs a browser out; returns whether it was signed in.
--   SELECT ops.close_session(sha256('a token'));
CREATE OR REPLACE FUNCTION ops.close_session(digest bytea)
RETURNS boolean
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    WITH gone AS (DELETE FROM ops.session AS s WHERE s.digest = close_session.digest RETURNING 1)
    SELECT EXISTS (SELECT FROM gone);
$$;

COMMENT ON FUNCTION ops.close_session(bytea) IS 'Signs a browser out; returns whether it was signed in.';
