-- Leases the next items of a space to a worker for encoding: nobody else gets them until the lease or the
-- worker's session ends.
-- One row per source: its text, its pictures, or both; an item with nothing to encode comes once with NULLs,
-- so that its old vectors are deleted. stored: the vector of this very content exists already.
-- An item that was tried twice and whose last attempt never reported comes alone, since it may have killed
-- its workers; after impl.max_attempts() it is parked. The throttle of a building space limits the number of
-- items.
--   SELECT * FROM ops.claim_batch(1, 32);
CREATE OR REPLACE FUNCTION ops.claim_batch(
    space_id int,
    batch_n int DEFAULT 32,
    lease interval DEFAULT '5 minutes')
RETURNS TABLE (
    item_id bigint,
    enqueued_at timestamptz,
    source text,
    content text,
    pictures bigint[],
    content_hash uuid,
    stored boolean)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    of_space CONSTANT int := space_id;
    me CONSTANT int := impl.worker();
    allowed CONSTANT int := impl.allowance(of_space, impl.at_least('batch_n', batch_n, 0)::int);
    due ops.outbox[];
    suspect ops.outbox;
    chosen bigint[];
BEGIN
    LOOP
        due := ARRAY(
            SELECT o FROM ops.outbox AS o
            WHERE o.space_id = of_space AND o.next_attempt_at <= now()
              -- Looked up once, and after the snapshot: whoever had a lease by then was alive before.
              AND impl.is_free(o.lease_until, o.lease_by, (SELECT impl.live_workers()))
            ORDER BY o.next_attempt_at, o.item_id
            LIMIT allowed
            FOR UPDATE OF o SKIP LOCKED);
        chosen := ARRAY(SELECT d.item_id FROM unnest(due) AS d);
        SELECT d.* INTO suspect FROM unnest(due) AS d
        WHERE d.attempts >= 2 AND d.lease_until IS NOT NULL LIMIT 1;
        EXIT WHEN suspect.item_id IS NULL;
        chosen := ARRAY[suspect.item_id];
        EXIT WHEN suspect.attempts < impl.max_attempts();
        UPDATE ops.outbox AS o SET next_attempt_at = 'infinity', lease_until = NULL,
            error = 'its workers died over it'
        WHERE o.space_id = of_space AND o.item_id = suspect.item_id;
    END LOOP;
    UPDATE ops.throttle AS t SET saved = t.saved - cardinality(chosen)
    WHERE t.space_id = of_space AND cardinality(chosen) > 0;
    RETURN QUERY
    WITH claimed AS (
        UPDATE ops.outbox AS o SET lease_until = now() + lease, lease_by = me, attempts = o.attempts + 1
        WHERE o.space_id = of_space AND o.item_id = ANY (chosen)
        RETURNING o.item_id, o.enqueued_at
    )
    SELECT cl.item_id, cl.enqueued_at, f.source, f.content, f.pictures, f.content_hash,
           EXISTS (SELECT FROM core.embedding AS e WHERE e.space_id = of_space AND e.item_id = cl.item_id
                   AND e.source = f.source AND e.content_hash = f.content_hash)
    FROM claimed AS cl
    JOIN core.item AS i ON i.id = cl.item_id
    JOIN core.collection AS c ON c.id = i.collection_id
    JOIN ops.space AS s ON s.id = of_space
    LEFT JOIN LATERAL impl.vector_content(c.vector_sources, s.name, s.modality, i.id,
                                          i.fields || i.picture_fields) AS f ON true
    ORDER BY cl.item_id, f.source;
END $$;

COMMENT ON FUNCTION ops.claim_batch(int, int, interval) IS
    'Leases outbox rows to a worker and returns the texts and pictures to encode.';
