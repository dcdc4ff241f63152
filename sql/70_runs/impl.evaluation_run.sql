-- Looks up an evaluation run.
--   SELECT (impl.evaluation_run(1)).k;
CREATE OR REPLACE FUNCTION impl.evaluation_run(run_id int)
RETURNS eval.run
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found eval.run;
BEGIN
    SELECT r.* INTO found FROM eval.run AS r WHERE r.id = run_id;
    IF found.id IS NULL THEN
        RAISE EXCEPTION 'unknown evaluation run: %', coalesce(run_id::text, '(null)')
            USING ERRCODE = 'SG001', HINT = 'Runs are rows of eval.runs; `seogo eval list` shows them.';
    END IF;
    RETURN found;
END $$;

COMMENT ON FUNCTION impl.evaluation_run(int) IS 'Row of an evaluation run; SG001 when there is none.';
