-- After pictures were given to items or taken away: readings for those that nobody has read, and whatever
-- follows for the items. Fires for old and new rows alike, always called "changed".
CREATE OR REPLACE FUNCTION impl.media_changed()
RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO core.reading (picture_id, kind, wanted)
    SELECT DISTINCT ON (m.picture_id, r.key) m.picture_id, r.key, r.value
    FROM changed AS m
    JOIN core.media AS still ON still.id = m.id AND still.picture_id = m.picture_id
    JOIN core.item AS i ON i.id = m.item_id
    JOIN core.collection AS c ON c.id = i.collection_id
    CROSS JOIN LATERAL jsonb_each_text(c.picture_readers) AS r
    ORDER BY m.picture_id, r.key, r.value
    ON CONFLICT DO NOTHING;
    PERFORM impl.refresh_pictures(array_agg(DISTINCT m.item_id ORDER BY m.item_id), true)
    FROM changed AS m JOIN core.item AS i ON i.id = m.item_id HAVING count(*) > 0;
    RETURN NULL;
END $$;

COMMENT ON FUNCTION impl.media_changed() IS 'Trigger: readings, fields, identifiers and outbox rows of items whose pictures changed.';

CREATE OR REPLACE TRIGGER media_after_insert
    AFTER INSERT ON core.media REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION impl.media_changed();
CREATE OR REPLACE TRIGGER media_after_delete
    AFTER DELETE ON core.media REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION impl.media_changed();
CREATE OR REPLACE TRIGGER media_after_update
    AFTER UPDATE ON core.media REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION impl.media_changed();
CREATE OR REPLACE TRIGGER media_after_update_old
    AFTER UPDATE ON core.media REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION impl.media_changed();
