-- Time of the next attempt after a failure: 20 s after the first attempt, doubled after each further one, at
-- most an hour; never (infinity) after the last one.
--   SELECT impl.next_attempt(1);
CREATE OR REPLACE FUNCTION impl.next_attempt(attempts int)
RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE WHEN attempts >= impl.max_attempts() THEN 'infinity'
                ELSE now() + least(interval '1 hour', interval '10 seconds' * 2 ^ least(attempts, 10)) END
$$;

COMMENT ON FUNCTION impl.next_attempt(int) IS 'Time of the next attempt; infinity when there is none.';
