-- Queues items (the next ones by id) whose vectors do not fit their content, unless they are queued already.
-- Triggers queue all usual changes; this fills a new generation, and finds changes made while triggers were
-- disabled. Returns the last id read, NULL at the end, and how many were queued.
--   SELECT * FROM ops.enqueue_stale((impl.live_space('text')).id);
CREATE OR REPLACE FUNCTION ops.enqueue_stale(
    space_id int,
    after_id bigint DEFAULT 0,
    batch_n int DEFAULT 2000,
    OUT last_id bigint,
    OUT queued bigint)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    space ops.space;
    ids bigint[];
BEGIN
    PERFORM impl.at_least('batch_n', batch_n, 0);
    SELECT s.* INTO space FROM ops.space AS s WHERE s.id = space_id AND s.status IN ('live', 'building');
    IF space.id IS NULL THEN
        RAISE EXCEPTION 'generation % is neither live nor building', space_id USING ERRCODE = 'SG001';
    END IF;
    ids := ARRAY(
        SELECT i.id FROM core.item AS i JOIN core.collection AS c ON c.id = i.collection_id
        WHERE i.id > after_id AND c.vector_sources ? space.name ORDER BY i.id LIMIT batch_n);
    last_id := ids[cardinality(ids)];
    INSERT INTO ops.outbox (space_id, item_id)
    SELECT space_id, i.id
    FROM core.item AS i JOIN core.collection AS c ON c.id = i.collection_id
    WHERE i.id = ANY (ids) AND impl.vector_state(space, c.vector_sources, i.id,
                                                 i.fields || i.picture_fields) IN ('stale', 'missing')
    ORDER BY i.id
    FOR KEY SHARE OF i SKIP LOCKED  -- but those being deleted
    ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS queued = ROW_COUNT;
    IF queued > 0 THEN
        PERFORM pg_notify('seogo_work', 'vectors');
    END IF;
END $$;

COMMENT ON FUNCTION ops.enqueue_stale(int, bigint, int) IS
    'Queues items with missing or stale vectors, by the hash of their content, page by page.';
