-- Tests metadata against a filter in the two parts of impl.parse_filter. Like jsonb's operators @> and @@,
-- except for dates: where only one of two dates has a time zone, @@ fails, and this function reads the other
-- in the time zone of the session, which all callers set to UTC. No SET: inlined into the calling statement.
--   SELECT impl.fits('{"day": "2024-01-05"}', NULL, '$.day.datetime() >= "2024-01-01T00:00:00Z".datetime()');
CREATE OR REPLACE FUNCTION impl.fits(metadata jsonb, contains jsonb, path jsonpath)
RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT (contains IS NULL OR metadata @> contains)
    AND (path IS NULL OR jsonb_path_match_tz(metadata, path, '{}', true)) $$;

COMMENT ON FUNCTION impl.fits(jsonb, jsonb, jsonpath) IS
    'Tests whether metadata pass a filter; dates without a time zone are UTC.';
