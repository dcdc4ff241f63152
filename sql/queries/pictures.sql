-- Statements of the jobs that read pictures.

-- name: failed
WITH touched AS (
    UPDATE core.reading SET error = %(error)s, lease_until = NULL,
           next_attempt_at = now() + least(interval '1 hour', interval '10 seconds' * 2 ^ least(attempts, 10))
    WHERE kind = %(kind)s AND picture_id = ANY (%(picture_ids)s) RETURNING 1
)
SELECT count(*) AS n FROM touched

-- name: release
-- Gives leased pictures back untouched: the worker stops before it has read them.
WITH touched AS (
    UPDATE core.reading SET lease_until = NULL, attempts = greatest(attempts - 1, 0)
    WHERE kind = %(kind)s AND picture_id = ANY (%(picture_ids)s) AND read_at IS NULL RETURNING 1
)
SELECT count(*) AS n FROM touched

-- name: due
SELECT count(*) AS n FROM core.reading
WHERE kind = %(kind)s AND read_at IS NULL AND next_attempt_at <= now() AND (lease_until IS NULL OR lease_until < now() OR lease_by <> ALL (impl.live_workers()))

-- name: drop_orphans
-- An hour's grace: somebody may have stored a picture and be about to give it to an item.
WITH gone AS (
    DELETE FROM core.picture AS p
    WHERE p.created_at < now() - interval '1 hour' AND NOT EXISTS (SELECT FROM core.media AS m WHERE m.picture_id = p.id)
    RETURNING 1
)
SELECT count(*) AS n FROM gone
