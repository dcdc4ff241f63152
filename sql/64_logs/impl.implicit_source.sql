-- Name of the source of judgments that were made of clicks (eval.judge_clicks); the constraint
-- judgments_of_clicks_are_no_persons keeps everybody else's out of it.
--   SELECT impl.implicit_source();
CREATE OR REPLACE FUNCTION impl.implicit_source()
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$ SELECT 'clicks' $$;

COMMENT ON FUNCTION impl.implicit_source() IS 'Name of the source of judgments that were made of clicks.';
