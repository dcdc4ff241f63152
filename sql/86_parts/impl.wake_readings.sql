-- On a shard: lets workers read the pictures of a collection that wait, and caption its items, or keeps them
-- from it (awake false: next_attempt_at is infinity): a copy that a move fills is read when it is opened, and
-- one that is left not at all. Pictures that another collection shows, too, are left alone then.
--   SELECT impl.wake_readings(impl.named_collection('parts'), true);
CREATE OR REPLACE FUNCTION impl.wake_readings(cid int, awake boolean)
RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    UPDATE core.reading AS r
    SET next_attempt_at = CASE WHEN awake THEN now() ELSE 'infinity' END, error = NULL, attempts = 0
    WHERE r.read_at IS NULL AND (NOT awake OR r.next_attempt_at = 'infinity' AND r.error IS NULL)
      AND EXISTS (SELECT FROM core.media AS m JOIN core.item AS i ON i.id = m.item_id
                  WHERE m.picture_id = r.picture_id AND i.collection_id = wake_readings.cid)
      AND (awake OR NOT EXISTS (
          SELECT FROM core.media AS m JOIN core.item AS i ON i.id = m.item_id
          WHERE m.picture_id = r.picture_id AND i.collection_id <> wake_readings.cid));
    UPDATE core.item_caption AS k
    SET next_attempt_at = CASE WHEN awake THEN now() ELSE 'infinity' END, error = NULL, attempts = 0
    FROM core.item AS i
    WHERE k.made_at IS NULL AND (NOT awake OR k.next_attempt_at = 'infinity' AND k.error IS NULL)
      AND i.id = k.item_id AND i.collection_id = wake_readings.cid;
    SELECT pg_notify('seogo_work', 'pictures') WHERE awake;
$$;

COMMENT ON FUNCTION impl.wake_readings(int, boolean) IS
    'Lets workers read the pictures of a collection that wait, or keeps them from it.';
