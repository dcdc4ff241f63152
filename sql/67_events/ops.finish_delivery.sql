-- Records an attempt to deliver an event, and returns what becomes of it: delivered (error NULL); waiting,
-- for the next attempt; dead after the last one, or where the receiver says that it is gone (410). A failure
-- is recorded only by whom the delivery is leased to, a success always. NULL: nothing was recorded.
--   SELECT ops.finish_delivery(1, 1, 200);
--   SELECT ops.finish_delivery(1, 1, 503, 'the receiver answered 503');
CREATE OR REPLACE FUNCTION ops.finish_delivery(
    webhook_id int,
    event_id bigint,
    status int,
    error text DEFAULT NULL)
RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    gone CONSTANT int := 410;
    found text;
BEGIN
    UPDATE ops.delivery AS d
    SET state = n.state, next_attempt_at = coalesce(n.at, d.next_attempt_at), lease_until = NULL,
        lease_by = NULL, status = finish_delivery.status, error = left(finish_delivery.error, 1000),
        ended_at = CASE WHEN n.state <> 'waiting' THEN now() END
    FROM ops.delivery AS o
    CROSS JOIN LATERAL (SELECT impl.webhook_retry_at(o.attempts) AS at OFFSET 0) AS r
    CROSS JOIN LATERAL (
        SELECT r.at, CASE WHEN finish_delivery.error IS NULL THEN 'delivered'
                          WHEN r.at IS NULL OR finish_delivery.status = gone THEN 'dead'
                          ELSE 'waiting' END AS state) AS n
    WHERE o.webhook_id = d.webhook_id AND o.event_id = d.event_id
      AND d.webhook_id = finish_delivery.webhook_id AND d.event_id = finish_delivery.event_id
      AND d.state <> 'delivered' AND (finish_delivery.error IS NULL OR d.lease_by = pg_backend_pid())
    RETURNING d.state INTO found;
    RETURN found;
END $$;

COMMENT ON FUNCTION ops.finish_delivery(int, bigint, int, text) IS
    'Records an attempt to deliver an event; returns delivered, waiting or dead.';
