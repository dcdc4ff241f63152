-- Trigger: deletes the rows of a lexical index that was deleted (with its collection, or because it was
-- replaced). There are no foreign keys to the index: a check per row of postings would cost more than
-- writing it.
CREATE OR REPLACE FUNCTION impl.lexical_index_after_delete()
RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    DELETE FROM core.posting WHERE index_id = old.id;
    DELETE FROM core.lexical_vector WHERE index_id = old.id;
    DELETE FROM core.lexical_chunk WHERE index_id = old.id;
    DELETE FROM core.document WHERE index_id = old.id;
    DELETE FROM core.batch WHERE index_id = old.id;
    RETURN NULL;
END $$;

COMMENT ON FUNCTION impl.lexical_index_after_delete() IS
    'Trigger: deletes the rows of a deleted lexical index.';

CREATE OR REPLACE TRIGGER lexical_index_after_delete
    AFTER DELETE ON core.lexical_index
    FOR EACH ROW EXECUTE FUNCTION impl.lexical_index_after_delete();
