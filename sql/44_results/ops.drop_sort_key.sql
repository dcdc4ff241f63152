-- Deletes the index of ops.add_sort_key; false where there is none.
--   SELECT ops.drop_sort_key('parts', '-price');
CREATE OR REPLACE FUNCTION ops.drop_sort_key(collection text, sort text)
RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    DELETE FROM ops.sort_key AS s
    WHERE s.collection_id = impl.collection_id(drop_sort_key.collection)
      AND s.field = regexp_replace(drop_sort_key.sort, '^-', '')
      AND s.descending = (drop_sort_key.sort LIKE '-%');
    RETURN ops.drop_unused_sort_keys() > 0;
END $$;

COMMENT ON FUNCTION ops.drop_sort_key(text, text) IS
    'Deletes the index of a sort key; false where there is none.';
