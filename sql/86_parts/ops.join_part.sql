-- On a shard: has the copy that a move has filled join the part of the collection that is here, in one
-- transaction: its items become the collection's, are indexed there, and its slots are added. What waits for
-- an encoder or a reader is this shard's from now on. Once more does no harm. Returns how many items.
--   SELECT ops.join_part('parts', 'move-0123456789abcdef', '{[0,2048)}');
CREATE OR REPLACE FUNCTION ops.join_part(name text, copy text, slots int4multirange)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET seogo.filling = 'on'
AS $$
#variable_conflict use_variable
DECLARE
    batch_n CONSTANT int := 4000;
    cid CONSTANT int := impl.named_collection(name);
    joining CONSTANT int := (SELECT h.collection_id FROM core.shard_home AS h
                             JOIN core.collection AS c ON c.id = h.collection_id
                             WHERE c.name = copy AND h.into_id = cid AND h.state IN ('filling', 'closed'));
    x CONSTANT core.lexical_index := impl.live_index(name);
    ids bigint[];
    n bigint := 0;
BEGIN
    PERFORM FROM core.shard_home AS h WHERE h.collection_id IN (cid, joining)
    ORDER BY h.collection_id FOR UPDATE;
    UPDATE core.shard_home AS h SET slots = h.slots + join_part.slots
    WHERE h.collection_id = cid AND h.state = 'open' AND (joining IS NOT NULL OR join_part.slots <@ h.slots);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no open part of collection %, or no copy to join it', name
            USING ERRCODE = 'SG004', HINT = 'See `seogo shard doctor`.';
    END IF;
    LOOP
        ids := ARRAY(SELECT i.id FROM core.item AS i WHERE i.collection_id = joining
                     ORDER BY i.id LIMIT batch_n);
        EXIT WHEN ids = '{}';
        PERFORM impl.lexical_remove(ids);
        UPDATE core.item AS i SET collection_id = cid WHERE i.id = ANY (ids);
        PERFORM impl.lexical_add(x.id, ids), impl.read_titles(ids);
        UPDATE core.identifier AS k SET collection_id = cid WHERE k.item_id = ANY (ids);
        UPDATE ops.contradiction AS k SET collection_id = cid WHERE k.item_id = ANY (ids);
        UPDATE ops.query_click AS k SET collection_id = cid WHERE k.item_id = ANY (ids);
        UPDATE ops.outbox AS o SET next_attempt_at = now()
        WHERE o.item_id = ANY (ids) AND o.next_attempt_at = 'infinity' AND o.error IS NULL;
        n := n + cardinality(ids);
    END LOOP;
    IF joining IS NOT NULL THEN
        PERFORM impl.wake_readings(cid, true), pg_notify('seogo_work', 'vectors');
        DELETE FROM core.shard_home AS h WHERE h.collection_id = joining;
        PERFORM ops.delete_collection(copy);
    END IF;
    RETURN n;
END $$;

COMMENT ON FUNCTION ops.join_part(text, text, int4multirange) IS
    'Has the copy that a move has filled join the part of the collection that is here.';
