-- Leases the next items that wait for a caption of all their pictures to a worker, and with them those of the
-- first `most` pictures that wait for captions of their own (lacking, with lacking_since for
-- ops.store_caption): one call describes both. files are those of the first `most` of pictures.
--   SELECT item_id, pictures, lacking FROM ops.claim_item_captions(1, 8);
CREATE OR REPLACE FUNCTION ops.claim_item_captions(
    batch_n int DEFAULT 1,
    most int DEFAULT 8,
    lease interval DEFAULT '5 minutes')
RETURNS TABLE (
    item_id bigint,
    enqueued_at timestamptz,
    wanted text,
    about text,
    pictures bigint[],
    files bytea[],
    lacking bigint[],
    lacking_since timestamptz[])
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    WITH alive AS MATERIALIZED (
        SELECT impl.worker() AS me, impl.live_workers() AS workers
    ),
    due AS (
        SELECT k.item_id FROM core.item_caption AS k CROSS JOIN alive
        WHERE k.made_at IS NULL AND k.next_attempt_at <= now()
          AND impl.is_free(k.lease_until, k.lease_by, alive.workers)
          AND impl.at_least('most', most, 0) >= 0
        ORDER BY k.next_attempt_at, k.item_id
        LIMIT impl.at_least('batch_n', batch_n, 0)
        FOR UPDATE OF k SKIP LOCKED
    ),
    claimed AS (
        UPDATE core.item_caption AS k SET lease_until = now() + lease, lease_by = alive.me,
            attempts = k.attempts + 1
        FROM due CROSS JOIN alive WHERE k.item_id = due.item_id
        RETURNING k.item_id, k.enqueued_at, k.wanted, k.pictures
    ),
    waiting AS (
        SELECT r.picture_id FROM core.reading AS r CROSS JOIN alive
        WHERE r.kind = 'caption' AND r.read_at IS NULL AND r.next_attempt_at <= now()
          AND impl.is_free(r.lease_until, r.lease_by, alive.workers)
          AND (r.picture_id, r.wanted) IN (
              SELECT p.id, c.wanted FROM claimed AS c CROSS JOIN unnest(c.pictures[1:most]) AS p(id))
        FOR UPDATE OF r SKIP LOCKED
    ),
    leased AS (
        UPDATE core.reading AS r SET lease_until = now() + lease, lease_by = alive.me,
            attempts = r.attempts + 1
        FROM waiting CROSS JOIN alive WHERE r.picture_id = waiting.picture_id AND r.kind = 'caption'
        RETURNING r.picture_id, r.enqueued_at, r.wanted
    )
    SELECT c.item_id, c.enqueued_at, c.wanted,
           (SELECT string_agg(t.value, E'\n' ORDER BY t.key) FROM jsonb_each_text(i.fields) AS t),
           c.pictures,
           ARRAY(SELECT p.bytes FROM unnest(c.pictures[1:most]) WITH ORDINALITY AS g(id, at)
                 JOIN core.picture AS p ON p.id = g.id ORDER BY g.at),
           ARRAY(SELECT l.picture_id FROM leased AS l
                 WHERE l.picture_id = ANY (c.pictures[1:most]) AND l.wanted = c.wanted ORDER BY l.picture_id),
           ARRAY(SELECT l.enqueued_at FROM leased AS l
                 WHERE l.picture_id = ANY (c.pictures[1:most]) AND l.wanted = c.wanted ORDER BY l.picture_id)
    FROM claimed AS c JOIN core.item AS i ON i.id = c.item_id
    ORDER BY c.item_id
$$;

COMMENT ON FUNCTION ops.claim_item_captions(int, int, interval) IS
    'Leases items to a captioner, with their pictures and those that wait for captions of their own.';
