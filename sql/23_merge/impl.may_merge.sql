-- Takes the right to build chunks of an index until the transaction ends; false if somebody else has it. Also
-- false at an isolation level at which the caller could not see what whoever had it before has built.
--   SELECT impl.may_merge(1);
CREATE OR REPLACE FUNCTION impl.may_merge(index_id int)
RETURNS boolean
LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT current_setting('transaction_isolation') = 'read committed'
           AND pg_try_advisory_xact_lock(hashtext('seogo merge'), index_id)
$$;

COMMENT ON FUNCTION impl.may_merge(int) IS 'Takes the right to build chunks of an index, if it is free.';
