-- Shape in force: that of the query over the collection's, key by key. A key that is null switches the
-- collection's off, "defaults": false all of them. Keys that only switch are gone from the answer, except
-- "pins": false.
--   SELECT impl.effective_shape('{"collapse": {"field": "maker"}}', '{"min_score": 0.01}');
CREATE OR REPLACE FUNCTION impl.effective_shape(defaults jsonb, shape jsonb)
RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM impl.check_shape(shape);
    RETURN jsonb_strip_nulls(
        CASE WHEN shape ->> 'defaults' = 'false' THEN '{}' ELSE coalesce(defaults, '{}') END
        || coalesce(shape, '{}')) - 'defaults';
END $$;

COMMENT ON FUNCTION impl.effective_shape(jsonb, jsonb) IS
    'Shape of a query over the default of its collection.';
