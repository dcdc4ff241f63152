-- Webhooks, with how many events wait for each and how many are dead letters; for administrators.
--   SELECT webhook, url, kinds, waiting, dead, error FROM search.webhooks ORDER BY webhook;
CREATE OR REPLACE VIEW search.webhooks WITH (security_invoker = true) AS
SELECT w.name AS webhook, w.url, w.kinds, w.filter, w.paused, d.waiting, d.dead, l.delivered_at, f.error,
       w.created_at
FROM ops.webhook AS w
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE o.state = 'waiting') AS waiting,
           count(*) FILTER (WHERE o.state = 'dead') AS dead
    FROM ops.delivery AS o WHERE o.webhook_id = w.id AND o.state <> 'delivered'
) AS d
CROSS JOIN LATERAL (
    SELECT max(o.ended_at) AS delivered_at FROM ops.delivery AS o
    WHERE o.webhook_id = w.id AND o.state = 'delivered'
) AS l
LEFT JOIN LATERAL (
    SELECT o.error FROM ops.delivery AS o
    WHERE o.webhook_id = w.id AND o.state = 'waiting' AND o.error IS NOT NULL
    ORDER BY o.event_id DESC LIMIT 1
) AS f ON true;

COMMENT ON VIEW search.webhooks IS
    'Webhooks: URL, kinds of events, how many wait and how many were given up, the latest error.';
