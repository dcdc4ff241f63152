-- On a shard: opens the copy that a move has filled, from now on to be asked and written, and lets this
-- shard's workers encode and read what waited at the old place. Returns how many vectors are to be encoded.
--   SELECT ops.open_part('parts', '{1}');
CREATE OR REPLACE FUNCTION ops.open_part(name text, peers int[])
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    queued bigint := 0;
BEGIN
    IF ops.turn_part(name, '{closed}', 'open', peers, false) = 'closed' THEN
        UPDATE ops.outbox AS o SET next_attempt_at = now()
        FROM core.item AS i
        WHERE o.next_attempt_at = 'infinity' AND o.error IS NULL AND i.id = o.item_id
          AND i.collection_id = impl.named_collection(open_part.name);
        GET DIAGNOSTICS queued = ROW_COUNT;
        PERFORM impl.wake_readings(impl.named_collection(open_part.name), true);
        PERFORM pg_notify('seogo_work', 'vectors');
    END IF;
    RETURN queued;
END $$;

COMMENT ON FUNCTION ops.open_part(text, int[]) IS 'Opens the copy that a move has filled.';
