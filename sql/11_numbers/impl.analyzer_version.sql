-- Version of the analyzers (search.analyze). Whoever changes what they make of a text raises it by one, here
-- and in sql/50_items/lexical_backfill.sql: indexes with an older one are then built anew
-- (impl.renew_indexes). No SET: a constant, inlined.
--   SELECT impl.analyzer_version();
CREATE OR REPLACE FUNCTION impl.analyzer_version()
RETURNS int
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT 2 $$;

COMMENT ON FUNCTION impl.analyzer_version() IS
    'Version of the analyzers; indexes of an older one are built anew.';
