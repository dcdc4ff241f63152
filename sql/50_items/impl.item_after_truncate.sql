-- After TRUNCATE core.item: the lexical indexes are empty, too.
CREATE OR REPLACE FUNCTION impl.item_after_truncate()
RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    TRUNCATE core.lexdoc, core.posting_block, core.segment;
    DELETE FROM ops.merge_cursor;
    RETURN NULL;
END $$;

COMMENT ON FUNCTION impl.item_after_truncate() IS 'Trigger: empties the lexical indexes.';

CREATE OR REPLACE TRIGGER item_after_truncate
    AFTER TRUNCATE ON core.item
    FOR EACH STATEMENT EXECUTE FUNCTION impl.item_after_truncate();
