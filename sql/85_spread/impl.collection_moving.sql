-- Trigger: refuses changes of a collection's settings, and its deletion, while it is being moved, SG004: they
-- would not reach the copy.
CREATE OR REPLACE FUNCTION impl.collection_moving()
RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM impl.refuse_moving(old.id);
    RETURN CASE WHEN TG_OP = 'DELETE' THEN old ELSE new END;
END $$;

COMMENT ON FUNCTION impl.collection_moving() IS
    'Trigger: refuses changes of a collection while it is being moved.';

CREATE OR REPLACE TRIGGER collection_moving
    BEFORE UPDATE OF analyzer, field_weights, identifier_fields, vector_sources, picture_readers, title_fields
        OR DELETE ON core.collection
    FOR EACH ROW EXECUTE FUNCTION impl.collection_moving();
