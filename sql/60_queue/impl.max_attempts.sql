-- Attempts before a queued row is parked. Set per database by ALTER DATABASE … SET seogo.max_attempts = '5',
-- for the sessions of a worker by SEOGO_MAX_ATTEMPTS. No SET: inlined into the calling expression.
--   SELECT impl.max_attempts();
CREATE OR REPLACE FUNCTION impl.max_attempts()
RETURNS int
LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT coalesce(nullif(current_setting('seogo.max_attempts', true), '')::int, 8) $$;

COMMENT ON FUNCTION impl.max_attempts() IS 'Attempts after which a queued row is parked.';
