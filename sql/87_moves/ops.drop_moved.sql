-- Deletes what a move has left of a collection on the shard that had it before; SG004 where that is in use.
-- Returns its number of items.
--   SELECT ops.drop_moved('parts', 'a');
CREATE OR REPLACE FUNCTION ops.drop_moved(collection text, shard text)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    number CONSTANT int := impl.shard_number(shard);
BEGIN
    IF number = 0 THEN
        RAISE EXCEPTION 'nothing is kept here of what moves from here' USING ERRCODE = 'SG004',
            HINT = 'Its items are deleted here when their move ends.';
    ELSIF EXISTS (SELECT FROM core.collection AS c LEFT JOIN core.shard_slots AS l ON l.collection_id = c.id
               LEFT JOIN core.shard_move AS m ON m.collection_id = c.id
               WHERE c.name = collection AND number IN (l.shard_id, m.source_id, m.target_id)) THEN
        RAISE EXCEPTION 'collection % is in use on %', collection, shard USING ERRCODE = 'SG004',
            HINT = 'Move it first, or end the move: seogo shard move.';
    END IF;
    RETURN (SELECT w.answer::bigint FROM impl.write_on_shards(ARRAY[number], ARRAY[format(
        'SELECT ops.drop_part(%L)::text', collection)]) AS w);
END $$;

COMMENT ON FUNCTION ops.drop_moved(text, text) IS 'Deletes what a move has left of a collection on a shard.';
