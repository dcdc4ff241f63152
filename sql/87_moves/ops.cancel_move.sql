-- Gives up a move that is not switched yet: its copies are deleted, and the source takes writes again.
--   SELECT ops.cancel_move('parts', 'a');
CREATE OR REPLACE FUNCTION ops.cancel_move(collection text, shard text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    cid CONSTANT int := impl.named_collection(collection);
    source CONSTANT int := impl.shard_number(shard);
    targets CONSTANT int[] := ARRAY(SELECT m.target_id FROM core.shard_move AS m
        WHERE m.collection_id = cid AND m.source_id = source AND m.switched_at IS NULL ORDER BY m.slots);
    copy text;
    number int;
BEGIN
    IF targets = '{}' OR impl.has_joined(cid, source) THEN
        RAISE EXCEPTION 'no move of collection % from % can be given up', collection, shard
            USING ERRCODE = 'SG004', HINT =
                'See `seogo shard list`. One that is switched only goes on: seogo shard move.';
    END IF;
    FOREACH number IN ARRAY targets LOOP
        copy := (SELECT impl.copy_name(cid, source, m.joins) FROM core.shard_move AS m
                 WHERE m.collection_id = cid AND m.target_id = number);
        IF impl.part_there(cid, number, copy) ? 'state' THEN
            PERFORM impl.write_on_shards(ARRAY[number], ARRAY[format(
                'SELECT ops.drop_part(%L)::text', copy)]);
        END IF;
    END LOOP;
    PERFORM impl.talk_to_source(source, format(
        'SELECT ops.turn_part(%L, ''{open,closed}'', ''open'', %L, false)', collection, targets), true);
    DELETE FROM core.shard_home AS h WHERE h.collection_id = cid;  -- of a move from here
    DELETE FROM core.shard_move AS m WHERE m.collection_id = cid AND m.source_id = source;
    PERFORM pg_advisory_unlock(hashtext('seogo shard move'), hashtext(collection || '/' || shard));
END $$;

COMMENT ON FUNCTION ops.cancel_move(text, text) IS 'Gives up a move that is not switched yet.';
