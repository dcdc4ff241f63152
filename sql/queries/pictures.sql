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
  AND impl.is_free(lease_until, lease_by, (SELECT impl.live_workers()))

-- name: unfinished
-- Pictures waiting to be read or being read; not those to be retried later.
SELECT count(*) AS n FROM core.reading
WHERE kind = %(kind)s AND read_at IS NULL AND (next_attempt_at <= now() OR lease_until > now())

-- name: wanted
-- Readers of the waiting pictures, and the number of pictures: an engine for ocr, a prompt for caption.
SELECT kind, wanted AS name, count(*) AS n FROM core.reading WHERE read_at IS NULL GROUP BY kind, wanted
ORDER BY kind, wanted

-- name: wanted_items
-- Prompts of the items that wait for a caption of all their pictures, and the number of items.
SELECT 'item_caption' AS kind, wanted AS name, count(*) AS n FROM core.item_caption WHERE made_at IS NULL
GROUP BY wanted ORDER BY wanted

-- name: failed_item
WITH touched AS (
    UPDATE core.item_caption SET error = %(error)s, lease_until = NULL,
        next_attempt_at = impl.next_attempt(attempts)
    WHERE item_id = %(item_id)s AND enqueued_at = %(claimed_at)s RETURNING 1
)
SELECT count(*) AS n FROM touched

-- name: release_items
WITH touched AS (
    UPDATE core.item_caption SET lease_until = NULL, attempts = greatest(attempts - 1, 0)
    WHERE item_id = ANY (%(item_ids)s) AND made_at IS NULL RETURNING 1
)
SELECT count(*) AS n FROM touched

-- name: due_items
SELECT count(*) AS n FROM core.item_caption
WHERE made_at IS NULL AND next_attempt_at <= now()
  AND impl.is_free(lease_until, lease_by, (SELECT impl.live_workers()))

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
    SELECT 'caption', k.error, i.external_id
    FROM core.item_caption AS k JOIN core.item AS i ON i.id = k.item_id
    WHERE k.error IS NOT NULL
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

-- name: contradictions
-- Of a collection: the surest first; of a rule or state only where one is given.
SELECT v.* FROM (
    SELECT k.id FROM ops.contradiction AS k
    WHERE k.collection_id = impl.collection_id(%(collection)s)
      AND (%(state)s::text IS NULL OR k.state = %(state)s) AND (%(rule)s::text IS NULL OR k.rule = %(rule)s)
    ORDER BY k.score DESC, k.id LIMIT %(limit)s OFFSET %(skip)s) AS page
JOIN search.contradictions AS v ON v.contradiction_id = page.id
ORDER BY v.score DESC, v.contradiction_id

-- name: contradiction_counts
SELECT v.collection, v.rule, v.state, count(*) AS n FROM search.contradictions AS v
WHERE %(collection)s::text IS NULL OR v.collection = %(collection)s
GROUP BY v.collection, v.rule, v.state ORDER BY v.collection, v.rule, v.state

-- name: judging_runs
-- The latest run that judged each collection, or one.
SELECT DISTINCT ON (r.args ->> 'collection') r.* FROM search.runs AS r
JOIN search.collections AS c ON c.collection = r.args ->> 'collection'
WHERE r.kind = 'quality' AND (%(collection)s::text IS NULL OR c.collection = %(collection)s)
ORDER BY r.args ->> 'collection', r.run_id DESC

-- name: pictured
-- Collections whose items have pictures.
SELECT c.name FROM core.collection AS c
WHERE EXISTS (SELECT FROM core.item AS i JOIN core.media AS m ON m.item_id = i.id
              WHERE i.collection_id = c.id AND m.picture_id IS NOT NULL)
ORDER BY c.name

-- name: without_look
SELECT p.id, coalesce(p.thumbnail, p.bytes) AS bytes FROM core.picture AS p
WHERE NOT EXISTS (SELECT FROM ops.picture_look AS l WHERE l.picture_id = p.id)
ORDER BY p.id LIMIT %(limit)s
