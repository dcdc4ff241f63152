-- Deliveries of events to webhooks, the latest first by event_id: waiting, delivered, or dead (given up,
-- until ops.replay_events); for administrators.
--   SELECT webhook, event_id, kind, attempts, status, error FROM search.deliveries
--       WHERE state = 'dead' ORDER BY event_id DESC;
CREATE OR REPLACE VIEW search.deliveries WITH (security_invoker = true) AS
SELECT w.name AS webhook, e.id AS event_id, e.message_id::text, e.kind, e.at, d.state, d.attempts, d.status,
       d.error, CASE WHEN d.state = 'waiting' THEN d.next_attempt_at END AS next_attempt_at, d.ended_at
FROM ops.delivery AS d
JOIN ops.webhook AS w ON w.id = d.webhook_id
JOIN ops.event AS e ON e.id = d.event_id;

COMMENT ON VIEW search.deliveries IS
    'Deliveries of events to webhooks: state, attempts, HTTP status and error of the latest one.';
