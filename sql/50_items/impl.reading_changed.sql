-- Trigger: renews the picture fields and identifiers of items after their pictures were read, or a reading
-- was corrected by hand; not of copies of a move, which nobody sees. Fires for old and new rows alike, always
-- called "changed".
CREATE OR REPLACE FUNCTION impl.reading_changed()
RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    ids bigint[];
BEGIN
    IF current_setting('seogo.filling', true) = 'on' THEN
        RETURN NULL;
    END IF;
    -- See impl.media_changed. The items are looked up after the lock, to see those that got a picture
    -- meanwhile.
    PERFORM FROM core.picture AS p WHERE p.id IN (SELECT c.picture_id FROM changed AS c)
    ORDER BY p.id FOR NO KEY UPDATE;
    ids := ARRAY(SELECT DISTINCT m.item_id FROM core.media AS m JOIN core.item AS i ON i.id = m.item_id
                 WHERE m.picture_id IN (SELECT c.picture_id FROM changed AS c)
                   AND NOT impl.is_hidden(i.collection_id) ORDER BY m.item_id);
    PERFORM impl.lock_items(ids);
    IF TG_TABLE_NAME = 'picture_identifier' THEN
        PERFORM impl.refresh_identifiers(ids);
    ELSE
        PERFORM impl.refresh_picture_fields(ids);
    END IF;
    RETURN NULL;
END $$;

COMMENT ON FUNCTION impl.reading_changed() IS
    'Trigger: fields and identifiers of items whose pictures were read.';

CREATE OR REPLACE TRIGGER ocr_line_after_insert
    AFTER INSERT ON core.ocr_line REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION impl.reading_changed();
CREATE OR REPLACE TRIGGER ocr_line_after_delete
    AFTER DELETE ON core.ocr_line REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION impl.reading_changed();
CREATE OR REPLACE TRIGGER ocr_line_after_update
    AFTER UPDATE ON core.ocr_line REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION impl.reading_changed();
CREATE OR REPLACE TRIGGER ocr_line_after_update_old
    AFTER UPDATE ON core.ocr_line REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION impl.reading_changed();
CREATE OR REPLACE TRIGGER caption_after_insert
    AFTER INSERT ON core.caption REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION impl.reading_changed();
CREATE OR REPLACE TRIGGER caption_after_delete
    AFTER DELETE ON core.caption REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION impl.reading_changed();
CREATE OR REPLACE TRIGGER caption_after_update
    AFTER UPDATE ON core.caption REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION impl.reading_changed();
CREATE OR REPLACE TRIGGER caption_after_update_old
    AFTER UPDATE ON core.caption REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION impl.reading_changed();
CREATE OR REPLACE TRIGGER picture_identifier_after_insert
    AFTER INSERT ON core.picture_identifier REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION impl.reading_changed();
CREATE OR REPLACE TRIGGER picture_identifier_after_delete
    AFTER DELETE ON core.picture_identifier REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION impl.reading_changed();
CREATE OR REPLACE TRIGGER picture_identifier_after_update
    AFTER UPDATE ON core.picture_identifier REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION impl.reading_changed();
CREATE OR REPLACE TRIGGER picture_identifier_after_update_old
    AFTER UPDATE ON core.picture_identifier REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION impl.reading_changed();
