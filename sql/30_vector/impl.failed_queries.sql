-- Query texts that could not be encoded. The texts are shown only to those who may read ops.query_vector
-- (writers and administrators); others get NULL: queries are private.
--   SELECT * FROM impl.failed_queries();
CREATE OR REPLACE FUNCTION impl.failed_queries()
RETURNS TABLE (space_id int, query text, error text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF has_table_privilege('ops.query_vector', 'SELECT') THEN
        RETURN QUERY SELECT v.space_id, v.query, v.error FROM ops.query_vector AS v WHERE v.error IS NOT NULL;
    ELSE
        RETURN QUERY SELECT v.space_id, NULL::text, v.error FROM ops.query_vector AS v
            WHERE v.error IS NOT NULL;
    END IF;
END $$;

COMMENT ON FUNCTION impl.failed_queries() IS
    'Query texts that could not be encoded; readers get NULL for the text.';
