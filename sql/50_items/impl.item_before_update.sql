-- Trigger: rejects a change of an item's id or collection, and sets updated_at; not where the copy of a move
-- joins the part that is here (ops.join_part).
CREATE OR REPLACE FUNCTION impl.item_before_update()
RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF current_setting('seogo.filling', true) = 'on' THEN
        RETURN new;
    END IF;
    IF new.collection_id <> old.collection_id OR new.id <> old.id THEN
        RAISE EXCEPTION 'item % cannot move to another collection or id', old.external_id
            USING ERRCODE = 'SG004', HINT = 'Insert it there and delete it here.';
    END IF;
    new.updated_at := now();
    RETURN new;
END $$;

COMMENT ON FUNCTION impl.item_before_update() IS 'Trigger: rejects moves of items, and sets updated_at.';

CREATE OR REPLACE TRIGGER item_before_update
    BEFORE UPDATE ON core.item
    FOR EACH ROW EXECUTE FUNCTION impl.item_before_update();
