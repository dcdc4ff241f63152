-- Looks up a query of the query set of a run.
--   SELECT (impl.run_query(impl.evaluation_run(1), 1)).text;
CREATE OR REPLACE FUNCTION impl.run_query(run eval.run, query_id bigint)
RETURNS eval.query
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found eval.query;
BEGIN
    SELECT q.* INTO found FROM eval.query AS q WHERE q.id = query_id AND q.set_id = run.set_id;
    IF found.id IS NULL THEN
        RAISE EXCEPTION 'run % has no query %', run.id, coalesce(query_id::text, '(null)')
            USING ERRCODE = 'SG001',
                  HINT = 'Queries are rows of eval.query, those of the run have its set_id.';
    END IF;
    RETURN found;
END $$;

COMMENT ON FUNCTION impl.run_query(eval.run, bigint) IS
    'Row of a query that belongs to a run; SG001 when it does not.';
