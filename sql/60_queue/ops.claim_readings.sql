-- Leases the next pictures to a worker for reading: nobody else gets them until the lease or the worker's
-- session ends.
--   SELECT picture_id, wanted FROM ops.claim_readings('ocr', 8);
CREATE OR REPLACE FUNCTION ops.claim_readings(
    kind text,
    batch_n int DEFAULT 8,
    lease interval DEFAULT '5 minutes')
RETURNS TABLE (picture_id bigint, enqueued_at timestamptz, wanted text, bytes bytea, about text)
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    WITH alive AS MATERIALIZED (
        SELECT impl.worker() AS me, impl.live_workers() AS workers
    ),
    due AS (
        SELECT r.picture_id FROM core.reading AS r CROSS JOIN alive
        WHERE r.kind = claim_readings.kind AND r.read_at IS NULL AND r.next_attempt_at <= now()
          AND impl.is_free(r.lease_until, r.lease_by, alive.workers)
        ORDER BY r.next_attempt_at, r.picture_id
        LIMIT impl.at_least('batch_n', batch_n, 0)
        FOR UPDATE OF r SKIP LOCKED
    ),
    claimed AS (
        UPDATE core.reading AS r SET lease_until = now() + lease, lease_by = alive.me,
            attempts = r.attempts + 1
        FROM due CROSS JOIN alive WHERE r.picture_id = due.picture_id AND r.kind = claim_readings.kind
        RETURNING r.picture_id, r.enqueued_at, r.wanted
    )
    SELECT c.picture_id, c.enqueued_at, c.wanted, p.bytes,
           (SELECT string_agg(t.value, E'\n' ORDER BY t.key) FROM jsonb_each_text(i.fields) AS t)
    FROM claimed AS c
    JOIN core.picture AS p ON p.id = c.picture_id
    -- Any of the items that show it tells a captioner what it is about.
    LEFT JOIN LATERAL (
        SELECT o.fields FROM core.media AS m JOIN core.item AS o ON o.id = m.item_id
        WHERE m.picture_id = c.picture_id ORDER BY o.id LIMIT 1
    ) AS i ON true
    ORDER BY c.picture_id
$$;

COMMENT ON FUNCTION ops.claim_readings(text, int, interval) IS
    'Leases pictures to a reader, with their bytes and the text of an item that has them.';
