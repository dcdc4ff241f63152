-- Refuses a write to a part of a sharded collection that takes none now, SG005: it is being moved, or has
-- been. A copy that is being filled takes those of ops.fill_part alone (setting seogo.filling).
--   SELECT impl.refuse_closed(h) FROM core.shard_home AS h;
CREATE OR REPLACE FUNCTION impl.refuse_closed(home core.shard_home)
RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    name CONSTANT text := (SELECT c.name FROM core.collection AS c WHERE c.id = home.collection_id);
BEGIN
    IF home.state = 'left' THEN
        RAISE EXCEPTION 'what was here of collection % has moved to shard number %', name,
            array_to_string(home.peers, ', ') USING ERRCODE = 'SG005',
            HINT = 'Send the same again. If it stays so: `seogo shard doctor` on the coordinator.';
    ELSIF home.state = 'closed'
        OR home.state = 'filling' AND current_setting('seogo.filling', true) IS DISTINCT FROM 'on' THEN
        RAISE EXCEPTION 'this part of collection % is just being moved to another shard', name
            USING ERRCODE = 'SG005', HINT =
                'Send the same again in a moment. If it stays so: `seogo shard doctor` on the coordinator.';
    END IF;
END $$;

COMMENT ON FUNCTION impl.refuse_closed(core.shard_home) IS
    'Refuses a write to a part of a sharded collection that is being moved, or has been.';
