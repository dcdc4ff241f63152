-- Values of a metadata key in one item, in their order, the elements of arrays one by one; the key as in
-- impl.metadata_path, whose results the caller passes: path, and whole for a key with dots (NULL without),
-- which an item may have as it is written. No SET: inlined into the calling statement.
--   SELECT * FROM impl.values_at('{"a": [1, 1, 2]}', 'a', impl.metadata_path('a'), NULL);
CREATE OR REPLACE FUNCTION impl.values_at(metadata jsonb, field text, path jsonpath, whole jsonpath)
RETURNS TABLE (value jsonb)
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 1
AS $$
    SELECT e.value
    FROM pg_catalog.jsonb_path_query(values_at.metadata, CASE
        WHEN values_at.whole IS NOT NULL AND values_at.metadata OPERATOR(pg_catalog.?) values_at.field
        THEN values_at.whole ELSE values_at.path END) AS e(value)
$$;

COMMENT ON FUNCTION impl.values_at(jsonb, text, jsonpath, jsonpath) IS
    'Values of a metadata key in one item, the elements of arrays one by one.';
