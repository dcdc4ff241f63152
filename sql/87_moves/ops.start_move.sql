-- Starts to move the part of a sharded collection that one shard has to others, in equal parts of its slots,
-- or to one that has a part itself, which it joins; or, from "here", all items of a collection of this
-- database, which is sharded then; or goes on with such a move: makes the copies to be
-- filled, with the live and building generations of its spaces. A row per target; items: how many the part
-- has. A lock of the session keeps others from the same move. Refused, SG004: targets of which one of several
-- has a part of the collection, other versions, items with what a move does not carry (impl.part_extras),
-- another move of the same part. Then ops.copy_part until little is left, ops.close_part, ops.copy_part once
-- more, ops.switch_part, ops.clear_moved until it returns 0, ops.end_move: `seogo shard move`.
--   SELECT * FROM ops.start_move('parts', 'a', '{c}');
CREATE OR REPLACE FUNCTION ops.start_move(collection text, shard text, targets text[])
RETURNS TABLE (target text, slots int4multirange, state text, items bigint, switched boolean)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    cid CONSTANT int := impl.named_collection(start_move.collection);
    source CONSTANT int := impl.shard_number(start_move.shard);
    numbers CONSTANT int[] := ARRAY(SELECT impl.shard_number(t) FROM unnest(targets) AS t);
    -- What is here has all slots.
    here int4multirange := CASE WHEN source = 0 THEN '{[0,4096)}'::int4multirange ELSE (
        SELECT l.slots FROM core.shard_slots AS l WHERE l.collection_id = cid AND l.shard_id = source) END;
    under_way int[] := ARRAY(SELECT m.target_id FROM core.shard_move AS m
                             WHERE m.collection_id = cid AND m.source_id = source ORDER BY m.slots);
    there jsonb;
    found text;
BEGIN
    IF NOT pg_try_advisory_lock(hashtext('seogo shard move'), hashtext(collection || '/' || shard)) THEN
        RAISE EXCEPTION 'another session is moving collection % from %', collection, shard
            USING ERRCODE = 'SG004', HINT = 'Let it end; one that was killed ends with its session.';
    END IF;
    IF under_way = '{}' THEN
        PERFORM impl.check_move(cid, source, numbers);
        INSERT INTO core.shard_move (collection_id, source_id, target_id, slots, mover, joins)
        SELECT cid, source, p.target_id, p.slots, gen_random_uuid(), EXISTS (
            SELECT FROM core.shard_slots AS l WHERE l.collection_id = cid AND l.shard_id = p.target_id)
        FROM impl.split_slots(here, numbers) AS p;
        UPDATE core.shard_move AS m SET mover = (SELECT min(o.mover::text)::uuid FROM core.shard_move AS o
                                                 WHERE o.collection_id = cid AND o.source_id = source)
        WHERE m.collection_id = cid AND m.source_id = source;
        INSERT INTO core.shard_home (collection_id, slots) SELECT cid, here WHERE source = 0;
    ELSIF under_way <> numbers THEN
        RAISE EXCEPTION 'collection % is being moved from % to %', collection, shard,
            (SELECT string_agg(s.name, ', ' ORDER BY u.at) FROM unnest(under_way) WITH ORDINALITY AS u(id, at)
             JOIN core.shard AS s ON s.id = u.id) USING ERRCODE = 'SG004',
            HINT = 'Name these to go on, or give it up: seogo shard move --cancel.';
    END IF;
    there := impl.part_there(cid, source);
    found := CASE WHEN impl.has_joined(cid, source) THEN 'left' ELSE there ->> 'state' END;
    IF source = 0 AND found IS NULL THEN
        found := 'left';  -- being deleted here
    ELSE
        -- On its way to these very shards, and to no others.
        PERFORM impl.talk_to_source(source, format(
            'SELECT ops.turn_part(%L, ''{}'', %L, %L, true)', collection, there ->> 'state', numbers), true);
    END IF;
    IF found <> 'left' AND NOT EXISTS (
        SELECT FROM core.shard_move AS m
        WHERE m.collection_id = cid AND m.source_id = source AND m.switched_at IS NOT NULL) THEN
        PERFORM impl.make_copies(cid, source);
    END IF;
    RETURN QUERY
    SELECT s.name, m.slots, found, (there ->> 'items')::bigint, m.switched_at IS NOT NULL
    FROM core.shard_move AS m JOIN core.shard AS s ON s.id = m.target_id
    WHERE m.collection_id = cid AND m.source_id = source ORDER BY m.slots;
END $$;

COMMENT ON FUNCTION ops.start_move(text, text, text[]) IS
    'Starts, or goes on with, a move of the part of a collection from one shard to others.';
