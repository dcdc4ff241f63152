-- Switches a collection to the targets of a move: from the commit on they are asked instead of the source.
-- For some moments both places are to be seen, the same items, neither written. A copy that is to join the
-- part of its target does so just before (ops.join_part): questions that come between find other slots than
-- they believe, and fail, SG005. Refused, SG004, unless the source is closed, and as many items with the same
-- settings are on the targets. Searches that began before ask the source still: wait for those of
-- impl.slot_readers before ops.end_move.
--   SELECT ops.switch_part('parts', 'a');
CREATE OR REPLACE FUNCTION ops.switch_part(collection text, shard text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    cid CONSTANT int := impl.named_collection(collection);
    source CONSTANT int := impl.shard_number(shard);
    targets CONSTANT int[] := ARRAY(SELECT m.target_id FROM core.shard_move AS m
        WHERE m.collection_id = cid AND m.source_id = source ORDER BY m.target_id);
    there jsonb;
    copies jsonb[];
    other boolean;  -- slots than these
    joined boolean;  -- the part of the target, before
BEGIN
    there := impl.part_there(cid, source);
    SELECT array_agg(t.copy), coalesce(bool_or(NOT t.joined AND
               (t.copy ->> 'slots')::int4multirange IS DISTINCT FROM t.slots), true),
           coalesce(bool_and(t.joined), false)
    INTO copies, other, joined
    FROM (SELECT m.slots, a.answer -> 'collections' -> impl.copy_name(cid, source, m.joins) AS copy,
                 m.joins AND m.slots <@ (a.answer -> 'collections' -> collection ->> 'slots')::int4multirange
                     AS joined
          FROM impl.ask_shards(targets, ARRAY['{"do": "hello"}'::jsonb]) AS a
          JOIN core.shard AS s ON s.name = a.shard
          JOIN core.shard_move AS m ON m.collection_id = cid AND m.target_id = s.id) AS t;
    IF other THEN
        RAISE EXCEPTION 'the targets have other slots of collection %', collection USING ERRCODE = 'SG004',
            HINT = 'Another coordinator divided them: name the shards in the order in which it did.';
    ELSIF there ->> 'state' = 'left' OR joined THEN
        NULL;  -- another coordinator has switched before, or this one began to: the copies are in use
    ELSIF there ->> 'state' IS DISTINCT FROM 'closed' OR (there ->> 'items')::bigint
          <> (SELECT sum((o ->> 'items')::bigint) FROM unnest(copies) AS o) THEN
        RAISE EXCEPTION 'the part of collection % on % is %, with % items, and % on the targets', collection,
            shard, coalesce(there ->> 'state', 'missing'), there ->> 'items', (
            SELECT sum((o ->> 'items')::bigint) FROM unnest(copies) AS o) USING ERRCODE = 'SG004',
            HINT = 'Nothing has been switched: call `seogo shard move` again.';
    ELSIF EXISTS (SELECT FROM unnest(copies) AS o
                  WHERE NOT o @> (there - '{slots,items,state,peers,into,rebuilding,title_fields}'::text[]))
    THEN
        RAISE EXCEPTION 'settings of collection % have changed meanwhile', collection USING ERRCODE = 'SG004',
            HINT = 'Give the move up (--cancel), set them on the coordinator, and move again.';
    END IF;
    IF there ->> 'state' = 'closed' AND NOT joined THEN
        PERFORM impl.write_on_shards(targets, ARRAY(
            SELECT CASE WHEN m.joins THEN format(
                       'SELECT ops.join_part(%L, %L, %L)::text', collection,
                       impl.copy_name(cid, source, true), m.slots)
                   ELSE format('SELECT ops.turn_part(%L, ''{filling}'', ''closed'', %L, true)', collection,
                               ARRAY[source]) END
            FROM core.shard_move AS m WHERE m.collection_id = cid AND m.source_id = source
            ORDER BY m.target_id));
    END IF;
    DELETE FROM core.shard_slots AS l WHERE l.collection_id = cid AND l.shard_id = source;
    INSERT INTO core.shard_slots AS l (collection_id, shard_id, slots)
    SELECT cid, m.target_id, m.slots FROM core.shard_move AS m
    WHERE m.collection_id = cid AND m.source_id = source
    ON CONFLICT (collection_id, shard_id) DO UPDATE SET slots = l.slots + excluded.slots;
    UPDATE core.shard_move AS m SET switched_at = coalesce(m.switched_at, now())
    WHERE m.collection_id = cid AND m.source_id = source;
END $$;

COMMENT ON FUNCTION ops.switch_part(text, text) IS 'Switches a collection to the targets of a move.';
