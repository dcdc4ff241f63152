-- Looks up the id of a query set by name.
--   SELECT impl.query_set_id('pumps');
CREATE OR REPLACE FUNCTION impl.query_set_id(query_set text)
RETURNS int
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found int;
BEGIN
    SELECT s.id INTO found FROM eval.query_set AS s WHERE s.name = query_set;
    IF found IS NULL THEN
        PERFORM impl.refuse_unknown('query set', query_set, ARRAY(SELECT s.name FROM eval.query_set AS s),
                                    'seogo eval import');
    END IF;
    RETURN found;
END $$;

COMMENT ON FUNCTION impl.query_set_id(text) IS 'Id of a query set by name; SG001 when there is none.';
