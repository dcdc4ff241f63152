-- Tests whether the current time is within a daily window in a time zone; a window may span midnight. NULLs:
-- always.
--   SELECT impl.in_window('22:00', '05:00', 'Asia/Seoul');
CREATE OR REPLACE FUNCTION impl.in_window(work_from time, work_until time, work_zone text)
RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE WHEN work_from IS NULL THEN true
                WHEN work_from <= work_until THEN t.here >= work_from AND t.here < work_until
                ELSE t.here >= work_from OR t.here < work_until END
    FROM (SELECT (clock_timestamp() AT TIME ZONE work_zone)::time AS here) AS t
$$;

COMMENT ON FUNCTION impl.in_window(time, time, text) IS 'Tests whether the time of day is within a window.';
