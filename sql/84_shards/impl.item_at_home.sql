-- Trigger: refuses items of a sharded collection where they do not belong: on its coordinator, and on a shard
-- whose slots they are not in, whoever writes them. There they would be found twice, or not at all. Refused
-- as well, until `seogo shard move` has ended: writes to a part that is closed, or a copy that is being
-- filled. The lock on the row of core.shard_home makes whoever closes a part wait for those who write it. It
-- runs as its owner: who may write items need not see which shard has which.
CREATE OR REPLACE FUNCTION impl.item_at_home()
RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    stray text;
    home core.shard_home;
BEGIN
    IF EXISTS (SELECT FROM core.shard_home) THEN
        FOR home IN
            SELECT h.* FROM core.shard_home AS h
            WHERE h.collection_id IN (SELECT i.collection_id FROM changed_items AS i)
            ORDER BY h.collection_id FOR SHARE
        LOOP
            PERFORM impl.refuse_closed(home);
            SELECT i.external_id INTO stray FROM changed_items AS i
            WHERE TG_OP <> 'DELETE' AND i.collection_id = home.collection_id
              AND NOT home.slots @> impl.shard_slot(i.external_id) LIMIT 1;
            EXIT WHEN stray IS NOT NULL;
        END LOOP;
    END IF;
    IF stray IS NULL AND TG_OP <> 'DELETE' AND EXISTS (SELECT FROM core.shard_slots) THEN
        SELECT i.external_id INTO stray FROM changed_items AS i
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
    AFTER INSERT ON core.item REFERENCING NEW TABLE AS changed_items
    FOR EACH STATEMENT EXECUTE FUNCTION impl.item_at_home();
CREATE OR REPLACE TRIGGER item_at_home_update
    AFTER UPDATE ON core.item REFERENCING NEW TABLE AS changed_items
    FOR EACH STATEMENT EXECUTE FUNCTION impl.item_at_home();
CREATE OR REPLACE TRIGGER item_at_home_delete
    AFTER DELETE ON core.item REFERENCING OLD TABLE AS changed_items
    FOR EACH STATEMENT EXECUTE FUNCTION impl.item_at_home();
