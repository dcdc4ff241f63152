-- Deletes items by id, wherever they are: here, or on shards. Returns the ids of those that were there, in
-- collections that the caller may see.
--   SELECT ops.delete_items('{7}');
CREATE OR REPLACE FUNCTION ops.delete_items(item_ids bigint[])
RETURNS SETOF bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    away CONSTANT bigint[] := ARRAY(SELECT s.id FROM impl.shard_items(delete_items.item_ids) AS s);
BEGIN
    RETURN QUERY
    DELETE FROM core.item AS o USING search.items AS i
    WHERE i.item_id = o.id AND o.id = ANY (delete_items.item_ids) AND NOT impl.is_hidden(o.collection_id)
    RETURNING o.id;
    IF away <> '{}' THEN
        RETURN QUERY SELECT d.id FROM ops.delete_on_shards(away) AS d(id);
    END IF;
END $$;

COMMENT ON FUNCTION ops.delete_items(bigint[]) IS 'Deletes items by id, here or on shards.';
