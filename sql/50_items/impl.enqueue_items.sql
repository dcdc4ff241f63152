-- Queues pairs of a space and an item for encoding and notifies the workers. A row that waits already starts
-- over: its enqueued_at moves, so that a worker that encoded the older content cannot mark it done.
--   SELECT impl.enqueue_items(ARRAY[1, 1], ARRAY[1, 2]);
CREATE OR REPLACE FUNCTION impl.enqueue_items(space_ids int[], item_ids bigint[])
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO ops.outbox (space_id, item_id)
    SELECT q.space_id, q.item_id FROM unnest(space_ids, item_ids) AS q(space_id, item_id)
    ORDER BY q.space_id, q.item_id
    ON CONFLICT (space_id, item_id) DO UPDATE
        SET enqueued_at = clock_timestamp(), lease_until = NULL, attempts = 0, next_attempt_at = now(),
            error = NULL;
    IF FOUND THEN
        PERFORM pg_notify('seogo_work', 'vectors');
    END IF;
END $$;

COMMENT ON FUNCTION impl.enqueue_items(int[], bigint[]) IS
    'Queues pairs of a space and an item for encoding; rows that wait already start over.';
