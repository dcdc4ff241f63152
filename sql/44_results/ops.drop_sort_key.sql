-- Deletes the index of ops.add_sort_key; false where there is none.
--   SELECT ops.drop_sort_key('parts', '-price');
CREATE OR REPLACE FUNCTION ops.drop_sort_key(collection text, sort text)
RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    cid CONSTANT int := impl.named_collection(drop_sort_key.collection);
    there boolean;
BEGIN
    DELETE FROM ops.sort_key AS s
    WHERE s.collection_id = cid
      AND s.field = regexp_replace(drop_sort_key.sort, '^-', '')
      AND s.descending = (drop_sort_key.sort LIKE '-%');
    there := FOUND;
    IF there AND impl.is_spread(cid) THEN
        PERFORM ops.tell_shards(cid, format('SELECT ops.drop_sort_key(%L, %L)::text', collection, sort));
        RETURN true;
    END IF;
    RETURN ops.drop_unused_sort_keys() > 0;
END $$;

COMMENT ON FUNCTION ops.drop_sort_key(text, text) IS
    'Deletes the index of a sort key; false where there is none.';
