-- Deletes indexes of sort keys that nobody has any more, as after a collection was deleted; returns how many.
--   SELECT ops.drop_unused_sort_keys();
CREATE OR REPLACE FUNCTION ops.drop_unused_sort_keys()
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    unused CONSTANT text[] := ARRAY(
        SELECT c.relname::text FROM pg_index AS x JOIN pg_class AS c ON c.oid = x.indexrelid
        WHERE x.indrelid = 'core.item'::regclass AND c.relname ~ '^item_sort_[0-9]+$'
          AND NOT EXISTS (SELECT FROM ops.sort_key AS s WHERE c.relname = 'item_sort_' || s.id)
        ORDER BY c.relname);
    index_name text;
BEGIN
    FOREACH index_name IN ARRAY unused LOOP
        EXECUTE format('DROP INDEX core.%I', index_name);
    END LOOP;
    RETURN cardinality(unused);
END $$;

COMMENT ON FUNCTION ops.drop_unused_sort_keys() IS
    'Deletes indexes of sort keys that nobody has any more; returns how many.';
