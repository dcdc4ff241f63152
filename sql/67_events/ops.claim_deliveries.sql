-- Leases due deliveries to this session, with the message to post and its signature: nobody else gets them
-- until the lease or the session ends. The message is signed as of now; per_webhook bounds what a receiver
-- that does not answer can hold up.
--   SELECT webhook, url, message_id, body FROM ops.claim_deliveries(16);
CREATE OR REPLACE FUNCTION ops.claim_deliveries(
    batch_n int DEFAULT 16,
    per_webhook int DEFAULT 4,
    lease interval DEFAULT '2 minutes')
RETURNS TABLE (
    webhook_id int,
    event_id bigint,
    webhook text,
    url text,
    message_id text,
    signed_at bigint,
    signature text,
    body text)
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    WITH alive AS MATERIALIZED (
        SELECT impl.worker() AS me, impl.live_workers() AS workers
    ),
    due AS (
        SELECT d.webhook_id, d.event_id FROM ops.webhook AS w CROSS JOIN alive
        CROSS JOIN LATERAL (
            SELECT o.webhook_id, o.event_id, o.next_attempt_at FROM ops.delivery AS o
            WHERE o.webhook_id = w.id AND o.state = 'waiting' AND o.next_attempt_at <= now()
              AND impl.is_free(o.lease_until, o.lease_by, alive.workers)
            ORDER BY o.next_attempt_at, o.event_id LIMIT per_webhook
            FOR UPDATE OF o SKIP LOCKED
        ) AS d
        WHERE NOT w.paused AND impl.at_least('per_webhook', per_webhook, 0) >= 0
        ORDER BY d.next_attempt_at, d.event_id LIMIT impl.at_least('batch_n', batch_n, 0)
    ),
    claimed AS (
        UPDATE ops.delivery AS d
        SET lease_until = now() + lease, lease_by = alive.me, attempts = d.attempts + 1
        FROM due CROSS JOIN alive WHERE d.webhook_id = due.webhook_id AND d.event_id = due.event_id
        RETURNING d.webhook_id, d.event_id
    )
    SELECT c.webhook_id, c.event_id, w.name, w.url, m.message_id, m.signed_at,
           ops.sign_message(c.webhook_id, concat_ws('.', m.message_id, m.signed_at, m.body)), m.body
    FROM claimed AS c
    JOIN ops.webhook AS w ON w.id = c.webhook_id
    JOIN ops.event AS e ON e.id = c.event_id
    CROSS JOIN LATERAL (
        SELECT e.message_id::text AS message_id, extract(epoch FROM clock_timestamp())::bigint AS signed_at,
               jsonb_build_object('id', e.id, 'type', e.kind, 'timestamp', e.at, 'data', e.data)::text AS body
        OFFSET 0
    ) AS m
    ORDER BY c.event_id, c.webhook_id
$$;

COMMENT ON FUNCTION ops.claim_deliveries(int, int, interval) IS
    'Leases due deliveries of events to a worker, with the signed messages.';
