-- Trigger: keeps titles, and the words and phrases counted in them, exact in the transaction that writes
-- items.
CREATE OR REPLACE FUNCTION impl.titles_after_write()
RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    CASE TG_OP
        WHEN 'INSERT' THEN
            PERFORM impl.read_titles(array_agg(n.id ORDER BY n.id)) FROM new_items AS n;
        WHEN 'UPDATE' THEN
            PERFORM impl.read_titles(array_agg(n.id ORDER BY n.id))
            FROM new_items AS n JOIN old_items AS o ON o.id = n.id AND o.fields <> n.fields;
        WHEN 'DELETE' THEN
            PERFORM impl.read_titles(array_agg(o.id ORDER BY o.id)) FROM old_items AS o;
        ELSE
            DELETE FROM core.title;
            DELETE FROM core.completion;
    END CASE;
    RETURN NULL;
END $$;

COMMENT ON FUNCTION impl.titles_after_write() IS
    'Trigger: titles of written items, and the words and phrases counted in them.';

CREATE OR REPLACE TRIGGER titles_after_insert
    AFTER INSERT ON core.item REFERENCING NEW TABLE AS new_items
    FOR EACH STATEMENT EXECUTE FUNCTION impl.titles_after_write();
CREATE OR REPLACE TRIGGER titles_after_update
    AFTER UPDATE ON core.item REFERENCING OLD TABLE AS old_items NEW TABLE AS new_items
    FOR EACH STATEMENT EXECUTE FUNCTION impl.titles_after_write();
CREATE OR REPLACE TRIGGER titles_after_delete
    AFTER DELETE ON core.item REFERENCING OLD TABLE AS old_items
    FOR EACH STATEMENT EXECUTE FUNCTION impl.titles_after_write();
CREATE OR REPLACE TRIGGER titles_after_truncate
    AFTER TRUNCATE ON core.item
    FOR EACH STATEMENT EXECUTE FUNCTION impl.titles_after_write();
