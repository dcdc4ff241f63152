-- Ends a move that is switched: nobody is answered from the old place any more, which is kept until
-- ops.drop_moved; then the new ones are opened to writes. Returns how many vectors are to be encoded there.
-- Callers wait before for searches that began before the switch.
--   SELECT ops.end_move('parts', 'a');
CREATE OR REPLACE FUNCTION ops.end_move(collection text, shard text)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    cid CONSTANT int := impl.named_collection(collection);
    source CONSTANT int := impl.shard_number(shard);
    targets CONSTANT int[] := ARRAY(SELECT m.target_id FROM core.shard_move AS m
        WHERE m.collection_id = cid AND m.source_id = source AND m.switched_at IS NOT NULL ORDER BY m.slots);
    queued bigint;
BEGIN
    IF targets = '{}' THEN
        RAISE EXCEPTION 'no move of collection % from % is switched', collection, shard
            USING ERRCODE = 'SG004', HINT = '`seogo shard move` does all steps.';
    END IF;
    -- In this order: at no time do two places take writes, or an old one answer after a new one was written.
    IF source <> 0 THEN
        PERFORM impl.write_on_shards(ARRAY[source], ARRAY[format(
            'SELECT ops.turn_part(%L, ''{closed}'', ''left'', %L, true)', collection, targets)]);
    ELSIF EXISTS (SELECT FROM core.item AS i WHERE i.collection_id = cid) THEN
        RAISE EXCEPTION 'items of collection % are here still', collection USING ERRCODE = 'SG004',
            HINT = 'ops.clear_moved until it returns 0: `seogo shard move` does all steps.';
    END IF;
    queued := impl.counted_on_shards(targets, ARRAY[format(
        'SELECT ops.open_part(%L, %L)::text', collection, ARRAY[source])]);
    DELETE FROM core.shard_move AS m WHERE m.collection_id = cid AND m.source_id = source;
    PERFORM pg_advisory_unlock(hashtext('seogo shard move'), hashtext(collection || '/' || shard));
    RETURN queued;
END $$;

COMMENT ON FUNCTION ops.end_move(text, text) IS 'Ends a move that is switched.';
