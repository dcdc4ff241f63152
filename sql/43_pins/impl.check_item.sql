-- Raises SG001 where a collection has no item of an external_id.
--   SELECT impl.check_item('parts', 'P0002');
CREATE OR REPLACE FUNCTION impl.check_item(collection text, external_id text)
RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM impl.named_items(impl.named_collection(check_item.collection),
                                                ARRAY[check_item.external_id])) THEN
        RAISE EXCEPTION 'not in collection %: %', collection, coalesce(external_id, '(null)')
            USING ERRCODE = 'SG001', HINT = 'Give the external_id of an item, as results show it.';
    END IF;
END $$;

COMMENT ON FUNCTION impl.check_item(text, text) IS 'Raises SG001 where a collection has no such item.';
