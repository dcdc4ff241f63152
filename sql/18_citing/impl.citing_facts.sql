-- Part of an item's metadata by which impl.may_cite tells, for whoever is on another server. No SET: inlined.
--   SELECT impl.citing_facts('{"version_of": "C2", "valid_until": "2020-01-01", "doc": "민법"}');
CREATE OR REPLACE FUNCTION impl.citing_facts(metadata jsonb)
RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT jsonb_strip_nulls(jsonb_build_object('version_of', metadata -> 'version_of',
                                                'valid_until', metadata -> 'valid_until'))
$$;

COMMENT ON FUNCTION impl.citing_facts(jsonb) IS 'Part of an item''s metadata by which impl.may_cite tells.';
