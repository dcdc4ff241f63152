-- Fills the columns of core.item that follow from others. Row trigger, because it changes the row.
CREATE OR REPLACE FUNCTION impl.item_before_write()
RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF new.collection_id <> old.collection_id THEN
            RAISE EXCEPTION 'item % cannot move to another collection', old.external_id
                USING ERRCODE = 'SG004', HINT = 'Insert it there and delete it here.';
        END IF;
        new.updated_at := now();
    END IF;
    SELECT array_to_tsvector(coalesce(array_agg(DISTINCT token), '{}')) INTO new.lexical
    FROM core.collection AS c
    CROSS JOIN jsonb_each_text(new.fields) AS field
    CROSS JOIN unnest(search.analyze(c.analyzer, field.value)) AS token
    WHERE c.id = new.collection_id AND coalesce((c.field_weights ->> field.key)::float8, 1) > 0;
    RETURN new;
END $$;

COMMENT ON FUNCTION impl.item_before_write() IS 'Trigger: derived columns of core.item.';

CREATE OR REPLACE TRIGGER item_before_write
    BEFORE INSERT OR UPDATE ON core.item
    FOR EACH ROW EXECUTE FUNCTION impl.item_before_write();
