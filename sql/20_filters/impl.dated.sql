-- The filter of a search in a collection: with as_of:today added, where the collection has items that are no
-- longer valid or not yet, and the filter does not speak of validity itself (as_of, valid_from, valid_until).
-- Repealed articles are found only by who asks for them.
--   SELECT impl.dated(1, '{"kind": "law"}');
CREATE OR REPLACE FUNCTION impl.dated(collection_id int, filter text)
RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    today CONSTANT text := 'as_of:' || to_char(current_date, 'YYYY-MM-DD');
BEGIN
    IF filter ~ 'as_of|valid_from|valid_until' OR NOT impl.has_invalid(collection_id, current_date) THEN
        RETURN filter;
    ELSIF btrim(coalesce(filter, ''), E' \t\r\n') = '' THEN
        RETURN today;
    END IF;
    PERFORM impl.parse_filter(filter);  -- its errors, not those of JSON
    RETURN CASE left(ltrim(filter, E' \t\r\n'), 1)
        WHEN '[' THEN filter::jsonb || to_jsonb(today)
        WHEN '{' THEN jsonb_build_array(filter::jsonb, today)
        ELSE jsonb_build_array(filter, today) END;
END $$;

COMMENT ON FUNCTION impl.dated(int, text) IS
    'The filter of a search, with as_of:today added where the collection has items that are not valid today.';
