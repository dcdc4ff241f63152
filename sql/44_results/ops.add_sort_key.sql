-- Makes an index by which search.sort_items reads a collection in the order of a metadata key, such as price
-- or -price (the highest first): for collections of more items than are sorted at once. Writers wait while it
-- is built. Where the items are on shards, each makes one. False: there is one. Only the owner of the tables
-- may.
--   SELECT ops.add_sort_key('parts', '-price');
CREATE OR REPLACE FUNCTION ops.add_sort_key(collection text, sort text)
RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    cid CONSTANT int := impl.named_collection(add_sort_key.collection);
    field CONSTANT text := regexp_replace(add_sort_key.sort, '^-', '');
    descending CONSTANT boolean := add_sort_key.sort LIKE '-%';
    path CONSTANT jsonpath := impl.metadata_path(field);
    made int;
BEGIN
    INSERT INTO ops.sort_key AS s (collection_id, field, descending) VALUES (cid, field, descending)
    ON CONFLICT DO NOTHING RETURNING s.id INTO made;
    IF made IS NULL THEN
        RETURN false;
    ELSIF impl.is_spread(cid) THEN
        PERFORM ops.tell_shards(cid, format('SELECT ops.add_sort_key(%L, %L)::text', collection, sort));
        RETURN true;
    END IF;
    EXECUTE format('CREATE INDEX %I ON core.item (impl.sort_value(metadata, %L, %L::jsonpath, %L::boolean)
                    %s NULLS LAST, id) WHERE collection_id = %s',
                   'item_sort_' || made, field, path, descending, CASE WHEN descending THEN 'DESC' END, cid);
    RETURN true;
END $$;

COMMENT ON FUNCTION ops.add_sort_key(text, text) IS
    'Makes an index by which a collection is listed in the order of a metadata key.';
