-- Closes the part that a move takes from a shard: writes to it are refused from now on, SG005, until the move
-- has ended; searches go on. Waits for those who write it. Returns the state before.
--   SELECT ops.close_part('parts', 'a');
CREATE OR REPLACE FUNCTION ops.close_part(collection text, shard text)
RETURNS text
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT impl.talk_to_source(impl.shard_number(close_part.shard), format(
        'SELECT ops.turn_part(%L, ''{open}'', ''closed'', %L, true)', close_part.collection, ARRAY(
            SELECT m.target_id FROM core.shard_move AS m
            WHERE m.collection_id = impl.named_collection(close_part.collection)
              AND m.source_id = impl.shard_number(close_part.shard) ORDER BY m.slots)), true)
$$;

COMMENT ON FUNCTION ops.close_part(text, text) IS 'Closes the part that a move takes from a shard to writes.';
