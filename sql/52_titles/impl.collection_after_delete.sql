-- Trigger: deletes the titles and completions of a deleted collection. There are no foreign keys to it: a
-- check for each row would cost more than writing it.
CREATE OR REPLACE FUNCTION impl.collection_after_delete()
RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    DELETE FROM core.title WHERE collection_id = old.id;
    DELETE FROM core.completion WHERE collection_id = old.id;
    RETURN NULL;
END $$;

COMMENT ON FUNCTION impl.collection_after_delete() IS
    'Trigger: deletes the titles and completions of a deleted collection.';

CREATE OR REPLACE TRIGGER titles_after_collection_delete
    AFTER DELETE ON core.collection
    FOR EACH ROW EXECUTE FUNCTION impl.collection_after_delete();
