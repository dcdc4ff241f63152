-- Forgets a shard, its address and its password. SG004 while a collection has items there; the database
-- itself stays as it is.
--   SELECT ops.remove_shard('c');
CREATE OR REPLACE FUNCTION ops.remove_shard(name text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    number CONSTANT int := impl.shard_number(name);
    used CONSTANT text := (SELECT string_agg(c.name, ', ' ORDER BY c.name) FROM core.shard_slots AS s
                           JOIN core.collection AS c ON c.id = s.collection_id WHERE s.shard_id = number);
    moved CONSTANT text := (SELECT string_agg(DISTINCT c.name, ', ') FROM core.shard_move AS m
                            JOIN core.collection AS c ON c.id = m.collection_id
                            WHERE number IN (m.source_id, m.target_id));
BEGIN
    IF used IS NOT NULL THEN
        RAISE EXCEPTION 'shard % has items of: %', name, used USING ERRCODE = 'SG004',
            HINT = 'Move them first: seogo shard move.';
    ELSIF moved IS NOT NULL THEN
        RAISE EXCEPTION 'shard % has to do with moves of: %', name, moved USING ERRCODE = 'SG004',
            HINT = 'End them first: seogo shard move, or its --cancel.';
    END IF;
    PERFORM impl.shard_hang_up(ARRAY[name]);
    EXECUTE format('DROP SERVER IF EXISTS %I CASCADE', 'seogo_shard_' || name);
    DELETE FROM core.shard AS s WHERE s.id = number;
END $$;

COMMENT ON FUNCTION ops.remove_shard(text) IS 'Forgets a shard that no collection uses.';
