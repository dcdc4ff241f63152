-- Discards a generation that is not live, as the first step of dropping it: nobody works on it or goes back
-- to it any more, and its outbox rows and text windows (core.chunk) are deleted, some thousand per call.
-- Returns how many rows were deleted; 0: go on with the next step, ALTER TABLE core.embedding DETACH
-- PARTITION … CONCURRENTLY, outside a transaction, and then ops.remove_generation. A generation that was live
-- within the last minute is refused: searches may still use it.
--   SELECT ops.discard_generation(1);
CREATE OR REPLACE FUNCTION ops.discard_generation(space_id int, batch_n int DEFAULT 10000)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    space ops.space;
    waited bigint;
    gone bigint;
BEGIN
    PERFORM impl.at_least('batch_n', batch_n, 0);
    SELECT s.* INTO space FROM ops.space AS s WHERE s.id = space_id FOR NO KEY UPDATE;
    IF space.id IS NULL THEN
        RAISE EXCEPTION 'there is no generation %', space_id
            USING ERRCODE = 'SG001', HINT = 'See search.spaces.';
    ELSIF space.status = 'live' THEN
        RAISE EXCEPTION 'generation % of space % is live', space.generation, space.name
            USING ERRCODE = 'SG004', HINT = 'Only one that is building or retired can be dropped.';
    ELSIF space.retired_at > now() - interval '1 minute' THEN
        RAISE EXCEPTION 'generation % of space % was live a moment ago', space.generation, space.name
            USING ERRCODE = 'SG004', HINT = 'Searches may still use it: drop it in a minute.';
    END IF;
    UPDATE ops.space AS s SET status = 'retired', retired_at = '-infinity'
    WHERE s.id = space_id AND s.retired_at IS DISTINCT FROM '-infinity';
    -- Rows that writers hold go with the generation itself: waiting for them could end in a deadlock.
    DELETE FROM ops.outbox AS o USING (
        SELECT q.item_id FROM ops.outbox AS q
        WHERE q.space_id = space_id LIMIT batch_n FOR UPDATE SKIP LOCKED) AS d
    WHERE o.space_id = space_id AND o.item_id = d.item_id;
    GET DIAGNOSTICS waited = ROW_COUNT;
    DELETE FROM core.chunk AS c USING (
        SELECT k.item_id, k.source, k.part_no FROM core.chunk AS k
        WHERE k.space_id = space_id LIMIT batch_n) AS d
    WHERE c.space_id = space_id AND c.item_id = d.item_id AND c.source = d.source AND c.part_no = d.part_no;
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN waited + gone;
END $$;

COMMENT ON FUNCTION ops.discard_generation(int, int) IS
    'Stops the work on a generation and deletes its outbox rows and text windows; first step of dropping it.';
