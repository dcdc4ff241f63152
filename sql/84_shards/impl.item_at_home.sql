-- Trigger: refuses items of a sharded collection where they do not belong: on its coordinator, and on a shard
-- whose slots they are not in, whoever writes them. There they would be found twice, or not at all. It runs
-- as its owner: who may write items need not see which shard has which.
CREATE OR REPLACE FUNCTION impl.item_at_home()
RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    stray text;
BEGIN
    IF EXISTS (SELECT FROM core.shard_home) THEN
        SELECT i.external_id INTO stray FROM new_items AS i
        JOIN core.shard_home AS h ON h.collection_id = i.collection_id
        WHERE NOT h.slots @> impl.shard_slot(i.external_id) LIMIT 1;
    END IF;
    IF stray IS NULL AND EXISTS (SELECT FROM core.shard_slots) THEN
        SELECT i.external_id INTO stray FROM new_items AS i
        WHERE i.collection_id IN (SELECT s.collection_id FROM core.shard_slots AS s) LIMIT 1;
    END IF;
    IF stray IS NOT NULL THEN
        RAISE EXCEPTION 'item % belongs on another shard', stray USING ERRCODE = 'SG004',
            HINT = 'Write it by ops.upsert_items, on the coordinator, which knows its shard.';
    END IF;
    RETURN NULL;
END $$;

COMMENT ON FUNCTION impl.item_at_home() IS 'Trigger: refuses items where they do not belong.';

CREATE OR REPLACE TRIGGER item_at_home
    AFTER INSERT ON core.item REFERENCING NEW TABLE AS new_items
    FOR EACH STATEMENT EXECUTE FUNCTION impl.item_at_home();
