-- On a shard: turns the part of a collection to another state of a move (core.shard_home), where it is in one
-- of those named, or there already, and moves to the same shards; waits for those who write the part. SG005
-- where it is not. peers: numbers of the shards; kept says whether they are noted, or forgotten.
--   SELECT ops.turn_part('parts', '{open}', 'closed', '{3}', true);
CREATE OR REPLACE FUNCTION ops.turn_part(
    name text,
    from_states text[],
    state text,
    peers int[],
    kept boolean)
RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    cid CONSTANT int := impl.named_collection(name);
    there core.shard_home;
BEGIN
    SELECT h.* INTO there FROM core.shard_home AS h WHERE h.collection_id = cid FOR UPDATE;
    IF there.state IS NULL OR there.state <> ALL (from_states || state)
       OR there.peers NOT IN ('{}', peers) THEN
        RAISE EXCEPTION 'the part of collection % is % there%', name, coalesce(there.state, 'missing'),
            coalesce(', on its way to shard number ' || nullif(array_to_string(there.peers, ', '), ''), '')
            USING ERRCODE = 'SG004',
                HINT = 'Another coordinator moves it, or has moved it: `seogo shard doctor` there and here.';
    END IF;
    UPDATE core.shard_home AS h
    SET state = turn_part.state, peers = CASE WHEN kept THEN turn_part.peers ELSE '{}' END,
        mover = CASE WHEN turn_part.state = 'closed' THEN h.mover END
    WHERE h.collection_id = cid;
    IF turn_part.state = 'left' THEN
        PERFORM impl.wake_readings(cid, false);  -- nobody needs them here any more
    END IF;
    RETURN there.state;
END $$;

COMMENT ON FUNCTION ops.turn_part(text, text[], text, int[], boolean) IS
    'Turns the part of a collection on a shard to another state of a move; returns the one before.';
