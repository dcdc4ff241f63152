-- Trigger: updates items whose pictures were added or removed: queues unread pictures for their readers, and
-- items for a caption of all their pictures; renews picture fields and identifiers, and queues the items for
-- picture spaces. Fires for old and new rows alike, always called "changed".
CREATE OR REPLACE FUNCTION impl.media_changed()
RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    ids bigint[] := ARRAY(SELECT DISTINCT m.item_id FROM changed AS m ORDER BY m.item_id);
BEGIN
    -- With ops.fill_part comes all that follows from them.
    IF ids = '{}' OR current_setting('seogo.filling', true) = 'on' THEN
        RETURN NULL;
    END IF;
    -- Whoever stores what one of these pictures says at this moment waits for us, or we for him: else each
    -- would miss the other's rows.
    PERFORM FROM core.picture AS p WHERE p.id IN (SELECT m.picture_id FROM changed AS m)
    ORDER BY p.id FOR SHARE;
    PERFORM impl.lock_items(ids);
    INSERT INTO core.reading (picture_id, kind, wanted)
    SELECT DISTINCT ON (m.picture_id, r.key) m.picture_id, r.key, r.value
    FROM core.media AS m
    JOIN core.item AS i ON i.id = m.item_id
    JOIN core.collection AS c ON c.id = i.collection_id
    CROSS JOIN LATERAL jsonb_each_text(c.picture_readers) AS r
    WHERE m.item_id = ANY (ids) AND m.picture_id IS NOT NULL
    ORDER BY m.picture_id, r.key, r.value
    ON CONFLICT DO NOTHING;
    IF FOUND THEN
        PERFORM pg_notify('seogo_work', 'pictures');
    END IF;
    PERFORM impl.queue_item_captions(ids);
    PERFORM impl.refresh_picture_fields(ids), impl.refresh_identifiers(ids);
    PERFORM impl.enqueue_items(array_agg(s.id), array_agg(i.id))
    FROM core.item AS i
    JOIN core.collection AS c ON c.id = i.collection_id
    JOIN ops.space AS s ON c.vector_sources ? s.name AND s.status IN ('live', 'building')
        AND s.modality <> 'text'
    WHERE i.id = ANY (ids);
    RETURN NULL;
END $$;

COMMENT ON FUNCTION impl.media_changed() IS
    'Trigger: readings, fields, identifiers and outbox rows of items whose pictures changed.';

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
