-- Trigger: removes deleted items from the lexical indexes, and from what names them as another item.
-- Everything else cascades.
CREATE OR REPLACE FUNCTION impl.item_after_delete()
RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM impl.check_snapshot(array_agg(o.id)), impl.lexical_remove(array_agg(o.id)) FROM old_items AS o;
    -- Of a sharded collection are deleted here those that have moved to its shards: their clicks stay.
    DELETE FROM ops.query_click AS k USING old_items AS o
    WHERE k.item_id = o.id AND NOT impl.is_spread(o.collection_id);
    IF current_setting('seogo.filling', true) IS DISTINCT FROM 'on' THEN  -- there they come again
        -- Not in copies of a move, which take no writes but from their source.
        DELETE FROM core.citation AS g USING old_items AS o, core.item AS i
        WHERE g.cited_id = o.id AND i.id = g.item_id AND NOT impl.is_hidden(i.collection_id);
        UPDATE ops.contradiction AS k SET other_item_id = NULL FROM old_items AS o
        WHERE k.other_item_id = o.id AND NOT impl.is_hidden(k.collection_id);
    END IF;
    RETURN NULL;
END $$;

COMMENT ON FUNCTION impl.item_after_delete() IS
    'Trigger: removes deleted items from lexical indexes, and from what names them.';

CREATE OR REPLACE TRIGGER item_after_delete
    AFTER DELETE ON core.item REFERENCING OLD TABLE AS old_items
    FOR EACH STATEMENT EXECUTE FUNCTION impl.item_after_delete();
