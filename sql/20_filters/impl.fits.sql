-- Whether metadata pass a filter in the two parts of impl.parse_filter. As jsonb's operators @> and @@, but
-- for dates: where one has a time zone and the other has not, @@ fails, and this reads the other in the time
-- zone of the session, which the functions of ours that call it set to UTC. No SET here: a caller's statement
-- takes the body in.
--   SELECT impl.fits('{"day": "2024-01-05"}', NULL, '$.day.datetime() >= "2024-01-01T00:00:00Z".datetime()');
CREATE OR REPLACE FUNCTION impl.fits(metadata jsonb, contains jsonb, path jsonpath)
RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT (contains IS NULL OR metadata @> contains)
    AND (path IS NULL OR jsonb_path_match_tz(metadata, path, '{}', true)) $$;

COMMENT ON FUNCTION impl.fits(jsonb, jsonb, jsonpath) IS
    'Whether metadata pass a filter; dates without a time zone are UTC.';
