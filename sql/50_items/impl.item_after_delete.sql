-- Trigger: removes deleted items from the lexical indexes. Everything else cascades.
CREATE OR REPLACE FUNCTION impl.item_after_delete()
RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM impl.check_snapshot(array_agg(o.id)), impl.lexical_remove(array_agg(o.id)) FROM old_items AS o;
    RETURN NULL;
END $$;

COMMENT ON FUNCTION impl.item_after_delete() IS 'Trigger: removes deleted items from the lexical indexes.';

CREATE OR REPLACE TRIGGER item_after_delete
    AFTER DELETE ON core.item REFERENCING OLD TABLE AS old_items
    FOR EACH STATEMENT EXECUTE FUNCTION impl.item_after_delete();
