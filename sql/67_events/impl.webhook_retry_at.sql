-- Time of the next attempt to deliver: 5 s after the first one, doubled after each further one, at most an
-- hour, and up to a fifth later by chance, so that what failed together does not come back together; NULL
-- after the fifteenth, some five hours later: a dead letter.
--   SELECT impl.webhook_retry_at(1);
CREATE OR REPLACE FUNCTION impl.webhook_retry_at(attempts int)
RETURNS timestamptz
LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT now() + least(interval '1 hour', interval '5 seconds' * 2 ^ (attempts - 1))
                   * (1 + random() / 5)
    WHERE attempts < 15
$$;

COMMENT ON FUNCTION impl.webhook_retry_at(int) IS
    'Time of the next attempt to deliver an event; NULL when there is none.';
