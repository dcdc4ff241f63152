-- Checks a number argument (k, skip, …) against its lower limit and returns it; NULL stays NULL.
--   SELECT impl.at_least('k', 10, 0);
CREATE OR REPLACE FUNCTION impl.at_least(argument text, value bigint, lowest bigint)
RETURNS bigint
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF value < lowest THEN
        RAISE EXCEPTION '% is %, which is too small', argument, value
            USING ERRCODE = 'SG004', HINT = format('Give %s => %s or more.', argument, lowest);
    END IF;
    RETURN value;
END $$;

COMMENT ON FUNCTION impl.at_least(text, bigint, bigint) IS
    'Returns a number argument, or raises SG004 where it is below its lower limit.';
