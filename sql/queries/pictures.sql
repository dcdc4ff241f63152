-- Statements of the jobs that read pictures.

-- name: prompts
SELECT * FROM search.prompts ORDER BY prompt

-- name: failed
WITH touched AS (
    UPDATE core.reading SET error = %(error)s, lease_until = NULL,
        next_attempt_at = impl.next_attempt(attempts)
    WHERE kind = %(kind)s AND picture_id = ANY (%(picture_ids)s) RETURNING 1
)
SELECT count(*) AS n FROM touched

-- name: release
-- Returns leased pictures unprocessed: the worker stops before it has read them.
WITH touched AS (
    UPDATE core.reading SET lease_until = NULL, attempts = greatest(attempts - 1, 0)
    WHERE kind = %(kind)s AND picture_id = ANY (%(picture_ids)s) AND read_at IS NULL RETURNING 1
)
SELECT count(*) AS n FROM touched

-- name: due
SELECT count(*) AS n FROM core.reading
WHERE kind = %(kind)s AND read_at IS NULL AND next_attempt_at <= now()
  AND (lease_until IS NULL OR lease_until < now() OR lease_by <> ALL ((SELECT impl.live_workers())::int[]))

-- name: unfinished
-- Pictures waiting to be read or being read; not those to be retried later.
SELECT count(*) AS n FROM core.reading
WHERE kind = %(kind)s AND read_at IS NULL AND (next_attempt_at <= now() OR lease_until > now())

-- name: wanted
-- Readers of the waiting pictures, and the number of pictures: an engine for ocr, a prompt for caption.
SELECT kind, wanted AS name, count(*) AS n FROM core.reading WHERE read_at IS NULL GROUP BY kind, wanted
ORDER BY kind, wanted

-- name: failures
-- Reasons of failure of pictures and items, the most frequent first, each with an example.
SELECT f.stage, f.reason, count(*) AS n, min(f.external_id COLLATE "C") AS example
FROM (
    SELECT r.kind AS stage, r.error AS reason, i.external_id
    FROM core.reading AS r
    JOIN core.media AS m ON m.picture_id = r.picture_id
    JOIN core.item AS i ON i.id = m.item_id
    WHERE r.read_at IS NULL AND r.error IS NOT NULL
    UNION ALL
    SELECT s.name, o.error, i.external_id
    FROM ops.outbox AS o
    JOIN ops.space AS s ON s.id = o.space_id
    JOIN core.item AS i ON i.id = o.item_id
    WHERE o.error IS NOT NULL AND s.status <> 'retired'
) AS f
GROUP BY f.stage, f.reason
ORDER BY n DESC, f.stage, f.reason
LIMIT %(shown)s
