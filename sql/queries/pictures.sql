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
-- Of a collection, here or on its shards: the surest first; of a rule or state only where one is given.
SELECT k.* FROM impl.listed_contradictions(
    %(collection)s, %(state)s::text, %(rule)s::text, %(limit)s, %(skip)s) AS k
ORDER BY k.score DESC, k.contradiction_id

-- name: contradiction_counts
SELECT n.* FROM impl.counted_contradictions(%(collection)s::text) AS n
ORDER BY n.collection, n.rule, n.state

-- name: judging_runs
-- The latest run that judged each collection, or one.
SELECT DISTINCT ON (r.args ->> 'collection') r.* FROM search.runs AS r
JOIN search.collections AS c ON c.collection = r.args ->> 'collection'
WHERE r.kind = 'quality' AND (%(collection)s::text IS NULL OR c.collection = %(collection)s)
ORDER BY r.args ->> 'collection', r.run_id DESC

-- name: pictured
-- Collections whose items, here or on their shards, have pictures.
SELECT c AS name FROM impl.pictured_collections() AS c ORDER BY c

-- name: without_look
SELECT p.id, p.bytes FROM impl.lookless_pictures(%(collection)s, %(limit)s) AS p ORDER BY p.id

-- name: shown
-- Files of pictures, here or on shards, which are asked for one file at a time: each has up to some MB.
SELECT p.id, p.bytes FROM core.picture AS p WHERE p.id = ANY (%(ids)s)
UNION ALL
SELECT u.id, a.data FROM unnest(%(ids)s::bigint[]) AS u(id)
CROSS JOIN LATERAL impl.picture_away(u.id, NULL, 'bytes', 0, 2147483647) AS a
