-- Hands a worker the next items of a space to encode, under a lease: nobody else gets them until it or the
-- worker's session ends.
-- One row per source: its text, its pictures, or both; an item with nothing to encode comes once with NULLs, so
-- that its old vectors can go. stored: the vector of this very content is there already.
--   SELECT * FROM ops.claim_batch(1, 32);
CREATE OR REPLACE FUNCTION ops.claim_batch(space_id int, batch_n int DEFAULT 32, lease interval DEFAULT '5 minutes')
RETURNS TABLE (item_id bigint, enqueued_at timestamptz, source text, content text, pictures bigint[], content_hash uuid, stored boolean)
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    WITH alive AS MATERIALIZED (
        SELECT impl.worker() AS me, impl.live_workers() AS workers
    ),
    due AS (
        SELECT o.item_id FROM ops.outbox AS o CROSS JOIN alive
        WHERE o.space_id = claim_batch.space_id AND o.next_attempt_at <= now()
          AND (o.lease_until IS NULL OR o.lease_until < now() OR o.lease_by <> ALL (alive.workers))
        ORDER BY o.next_attempt_at, o.item_id
        LIMIT batch_n
        FOR UPDATE OF o SKIP LOCKED
    ),
    claimed AS (
        UPDATE ops.outbox AS o SET lease_until = now() + lease, lease_by = alive.me, attempts = o.attempts + 1
        FROM due CROSS JOIN alive WHERE o.space_id = claim_batch.space_id AND o.item_id = due.item_id
        RETURNING o.item_id, o.enqueued_at
    )
    SELECT cl.item_id, cl.enqueued_at, f.source, f.content, f.pictures, f.content_hash,
           EXISTS (SELECT FROM core.embedding AS e WHERE e.space_id = claim_batch.space_id AND e.item_id = cl.item_id
                   AND e.source = f.source AND e.content_hash = f.content_hash)
    FROM claimed AS cl
    JOIN core.item AS i ON i.id = cl.item_id
    JOIN core.collection AS c ON c.id = i.collection_id
    JOIN ops.space AS s ON s.id = claim_batch.space_id
    LEFT JOIN LATERAL impl.vector_content(c.vector_sources, s.name, s.modality, i.id, i.fields || i.picture_fields) AS f ON true
    ORDER BY cl.item_id, f.source
$$;

COMMENT ON FUNCTION ops.claim_batch(int, int, interval) IS 'Leases outbox rows to a worker and returns the texts and pictures to encode.';
