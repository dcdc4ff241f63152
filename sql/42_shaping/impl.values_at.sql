-- Selects the values of a metadata key as search.facets reads it: an item that has the key as it is written,
-- dots and all, means that one; each element of an array counts, at most 100. field, path and whole: the key,
-- and what impl.metadata_path makes of it as a path and as one key. No SET: inlined into the calling
-- statement.
--   SELECT * FROM impl.values_at('{"tags": ["a", "b"]}', 'tags', impl.metadata_path('tags'), NULL);
CREATE OR REPLACE FUNCTION impl.values_at(metadata jsonb, field text, path jsonpath, whole jsonpath)
RETURNS SETOF jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 1
AS $$
    SELECT v.value
    FROM pg_catalog.jsonb_path_query(
        metadata, CASE WHEN whole IS NOT NULL AND metadata OPERATOR(pg_catalog.?) field THEN whole
                       ELSE path END) AS v(value)
    LIMIT 100
$$;

COMMENT ON FUNCTION impl.values_at(jsonb, text, jsonpath, jsonpath) IS
    'Values of a metadata key, the elements of arrays one by one.';
