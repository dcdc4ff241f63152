-- Removes the pin, or burial, of an item for a query; false where there was none.
--   SELECT ops.unpin_item('parts', '진공 펌프', 'P0002');
CREATE OR REPLACE FUNCTION ops.unpin_item(collection text, query text, external_id text)
RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    DELETE FROM core.pin AS p
    WHERE p.collection_id = impl.named_collection(unpin_item.collection)
      AND p.folded = impl.fold_query(unpin_item.query) AND p.external_id = unpin_item.external_id;
    RETURN FOUND;
END $$;

COMMENT ON FUNCTION ops.unpin_item(text, text, text) IS 'Removes the pin of an item for a query.';
