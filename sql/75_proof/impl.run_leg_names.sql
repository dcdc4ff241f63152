-- Names of the legs of a run: those it was started with, and those that listed anything.
--   SELECT impl.run_leg_names(impl.evaluation_run(1));
CREATE OR REPLACE FUNCTION impl.run_leg_names(run eval.run)
RETURNS text[]
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT ARRAY(SELECT g.name FROM jsonb_to_recordset(run_leg_names.run.legs) AS g(name text)
                 UNION SELECT l.leg FROM eval.run_leg AS l WHERE l.run_id = run_leg_names.run.id
                 ORDER BY 1)
$$;

COMMENT ON FUNCTION impl.run_leg_names(eval.run) IS 'Names of the legs of a run, in alphabetical order.';
