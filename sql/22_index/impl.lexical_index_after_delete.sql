-- After a lexical index went (its collection, or a replaced one): what it held. No foreign keys lead to it,
-- because a check per posting block would cost more than writing the block.
CREATE OR REPLACE FUNCTION impl.lexical_index_after_delete()
RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    DELETE FROM core.posting_block WHERE index_id = old.id;
    DELETE FROM core.lexdoc WHERE index_id = old.id;
    DELETE FROM core.segment WHERE index_id = old.id;
    RETURN NULL;
END $$;

COMMENT ON FUNCTION impl.lexical_index_after_delete() IS 'Trigger: removes the rows of a lexical index.';

CREATE OR REPLACE TRIGGER lexical_index_after_delete
    AFTER DELETE ON core.lexical_index
    FOR EACH ROW EXECUTE FUNCTION impl.lexical_index_after_delete();
