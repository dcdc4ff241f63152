-- On a shard: opens the copy that a move has filled, from now on to be asked and written, and queues the
-- items whose vectors are missing or stale in a live or building generation for this shard's workers. Returns
-- how many were queued.
--   SELECT ops.open_part('parts', '{1}');
CREATE OR REPLACE FUNCTION ops.open_part(name text, peers int[])
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    queued bigint := 0;
BEGIN
    IF ops.turn_part(name, '{closed}', 'open', peers, false) = 'closed' THEN
        INSERT INTO ops.outbox (space_id, item_id)
        SELECT s.id, i.id
        FROM core.collection AS c
        JOIN ops.space AS s ON c.vector_sources ? s.name AND s.status IN ('live', 'building')
        JOIN core.item AS i ON i.collection_id = c.id
        WHERE c.name = open_part.name AND impl.vector_state(
            s, c.vector_sources, i.id, i.fields || i.picture_fields) IN ('stale', 'missing')
        ORDER BY s.id, i.id ON CONFLICT DO NOTHING;
        GET DIAGNOSTICS queued = ROW_COUNT;
        PERFORM pg_notify('seogo_work', 'vectors');
    END IF;
    RETURN queued;
END $$;

COMMENT ON FUNCTION ops.open_part(text, int[]) IS 'Opens the copy that a move has filled.';
