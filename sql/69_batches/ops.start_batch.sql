-- Starts the run of a batch, or finds the one that was started with the same key: an upload whose answer was
-- lost can be sent again. fresh: whether it was started now.
--   SELECT run_id, fresh FROM ops.start_batch('{"product": "bracket", "total": 3}', 'shift 17');
CREATE OR REPLACE FUNCTION ops.start_batch(args jsonb, key text DEFAULT NULL)
RETURNS TABLE (run_id int, fresh boolean, total int)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    given jsonb := args || jsonb_strip_nulls(jsonb_build_object('key', start_batch.key));
BEGIN
    fresh := false;
    IF start_batch.key IS NOT NULL THEN
        PERFORM pg_advisory_xact_lock(hashtextextended('seogo batch ' || start_batch.key, 0));
        SELECT r.id, (r.args ->> 'total')::int INTO start_batch.run_id, start_batch.total FROM ops.run AS r
        WHERE r.kind = 'defect_batch' AND r.args ->> 'key' = start_batch.key ORDER BY r.id LIMIT 1;
    END IF;
    IF start_batch.run_id IS NULL THEN
        INSERT INTO ops.run AS r (kind, args) VALUES ('defect_batch', given)
        RETURNING r.id, (r.args ->> 'total')::int INTO start_batch.run_id, start_batch.total;
        fresh := true;
    END IF;
    RETURN NEXT;
END $$;

COMMENT ON FUNCTION ops.start_batch(jsonb, text) IS
    'Starts the run of a batch, or finds the one of the same key.';
