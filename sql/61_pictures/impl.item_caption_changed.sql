-- Trigger: renews the field caption of an item after the caption of all its pictures changed.
CREATE OR REPLACE FUNCTION impl.item_caption_changed()
RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    ids CONSTANT bigint[] := ARRAY[CASE WHEN TG_OP = 'DELETE' THEN old.item_id ELSE new.item_id END];
BEGIN
    IF current_setting('seogo.filling', true) IS DISTINCT FROM 'on' THEN  -- ops.fill_part brings it along
        PERFORM impl.lock_items(ids), impl.refresh_picture_fields(ids);
    END IF;
    RETURN NULL;
END $$;

COMMENT ON FUNCTION impl.item_caption_changed() IS
    'Trigger: the field caption of an item with a new caption.';

CREATE OR REPLACE TRIGGER item_caption_after_insert
    AFTER INSERT ON core.item_caption
    FOR EACH ROW WHEN (new.text IS NOT NULL) EXECUTE FUNCTION impl.item_caption_changed();
-- Leases and attempts are updates as well, and no concern of the item.
CREATE OR REPLACE TRIGGER item_caption_after_update
    AFTER UPDATE ON core.item_caption
    FOR EACH ROW WHEN ((old.text, old.of_pictures) IS DISTINCT FROM (new.text, new.of_pictures))
    EXECUTE FUNCTION impl.item_caption_changed();
CREATE OR REPLACE TRIGGER item_caption_after_delete
    AFTER DELETE ON core.item_caption
    FOR EACH ROW WHEN (old.text IS NOT NULL) EXECUTE FUNCTION impl.item_caption_changed();
