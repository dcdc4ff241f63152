-- Queues pictures of a collection to be read again: all that were read, or were to be read, by another reader
-- than the one named (of captions: by another prompt, or an older version of it), and those that failed. The
-- old reading stays until the new one is stored. Items with several pictures are queued likewise for a
-- caption of all. Returns how many pictures.
--   SELECT ops.read_again('parts', 'ocr', 'auto');
CREATE OR REPLACE FUNCTION ops.read_again(collection text, kind text, reader text)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    cid int := impl.named_collection(collection);
    queued bigint;
    items bigint[];
BEGIN
    IF kind = 'caption' THEN
        PERFORM impl.check_readers(jsonb_build_object('caption', reader));
    END IF;
    IF impl.is_spread(cid) THEN
        RETURN ops.read_on_shards(cid, kind, reader);
    END IF;
    INSERT INTO core.reading AS r (picture_id, kind, wanted)
    SELECT DISTINCT m.picture_id, kind, reader FROM core.media AS m JOIN core.item AS i ON i.id = m.item_id
    WHERE i.collection_id = cid AND m.picture_id IS NOT NULL
    ON CONFLICT ON CONSTRAINT reading_pkey DO UPDATE SET wanted = excluded.wanted, read_at = NULL,
        error = NULL, lease_until = NULL,
        attempts = 0, next_attempt_at = now(), enqueued_at = clock_timestamp()
        WHERE r.wanted <> excluded.wanted OR r.error IS NOT NULL OR excluded.kind = 'caption' AND EXISTS (
            SELECT FROM core.caption AS c JOIN search.prompts AS p ON p.prompt = excluded.wanted
            WHERE c.picture_id = r.picture_id AND c.prompt <> p.prompt || '@' || p.version);
    GET DIAGNOSTICS queued = ROW_COUNT;
    IF kind = 'caption' THEN
        items := ARRAY(SELECT m.item_id FROM core.media AS m JOIN core.item AS i ON i.id = m.item_id
                       WHERE i.collection_id = cid GROUP BY m.item_id
                       HAVING count(DISTINCT m.picture_id) > 1 ORDER BY m.item_id);
        PERFORM impl.lock_items(items);
        PERFORM impl.queue_item_captions(items, reader);
    END IF;
    PERFORM pg_notify('seogo_work', 'pictures');
    RETURN queued;
END $$;

COMMENT ON FUNCTION ops.read_again(text, text, text) IS
    'Queues the pictures of a collection for another reader.';
