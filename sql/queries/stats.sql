-- Statements of the metrics for monitoring.

-- name: queues
-- Queue lengths: waiting, failed and to be retried, parked.
SELECT 'vectors' AS queue, s.name || '/' || s.generation AS name,
       count(o.item_id) FILTER (WHERE o.error IS NULL) AS waiting,
       count(*) FILTER (WHERE o.error IS NOT NULL AND o.next_attempt_at < 'infinity') AS failed,
       count(*) FILTER (WHERE o.error IS NOT NULL AND o.next_attempt_at = 'infinity') AS parked
FROM ops.space AS s LEFT JOIN ops.outbox AS o ON o.space_id = s.id
WHERE s.status <> 'retired' GROUP BY s.name, s.generation
UNION ALL
SELECT 'readings', k.kind,
       count(r.picture_id) FILTER (WHERE r.error IS NULL),
       count(*) FILTER (WHERE r.error IS NOT NULL AND r.next_attempt_at < 'infinity'),
       count(*) FILTER (WHERE r.error IS NOT NULL AND r.next_attempt_at = 'infinity')
FROM (VALUES ('ocr'), ('caption')) AS k(kind)
LEFT JOIN core.reading AS r ON r.kind = k.kind AND r.read_at IS NULL
GROUP BY k.kind
UNION ALL
SELECT 'readings', 'item_caption', count(*) FILTER (WHERE k.error IS NULL),
       count(*) FILTER (WHERE k.error IS NOT NULL AND k.next_attempt_at < 'infinity'),
       count(*) FILTER (WHERE k.error IS NOT NULL AND k.next_attempt_at = 'infinity')
FROM core.item_caption AS k WHERE k.made_at IS NULL
UNION ALL
SELECT 'queries', s.name || '/' || s.generation, count(v.space_id) FILTER (WHERE v.error IS NULL), 0,
       count(v.space_id) FILTER (WHERE v.error IS NOT NULL)
FROM ops.space AS s LEFT JOIN ops.query_vector AS v ON v.space_id = s.id AND v.encoded_at IS NULL
WHERE s.status = 'live' GROUP BY s.name, s.generation
ORDER BY 1, 2

-- name: servers
-- Number of live workers and schedulers, and of jobs waiting for a scheduler, which reports every 10 s.
SELECT cardinality(impl.live_workers()) AS workers,
       (SELECT count(*) FROM jobs.procrastinate_workers AS w
        WHERE w.last_heartbeat > now() - interval '30 seconds') AS schedulers,
       (SELECT count(*) FROM jobs.procrastinate_jobs AS j
        WHERE j.queue_name <> 'upkeep' AND j.status::text = 'todo'
           AND coalesce(j.scheduled_at, now()) <= now()) AS jobs_waiting

-- name: disk
SELECT * FROM search.disk

-- name: runs
SELECT r.kind, r.state, count(*) AS n FROM ops.run AS r GROUP BY r.kind, r.state ORDER BY r.kind, r.state

-- name: stages
-- Stages of running jobs, and of the latest run of each kind.
SELECT DISTINCT ON (r.kind) r.kind, r.id AS run_id, r.stages FROM ops.run AS r WHERE r.stages <> '{}'
ORDER BY r.kind, r.id DESC

-- name: last_backup
SELECT r.started_at FROM ops.run AS r WHERE r.kind = 'backup' AND r.state = 'done' ORDER BY r.id DESC LIMIT 1

-- name: shards
SELECT * FROM search.shards ORDER BY number

-- name: shard_moves
SELECT * FROM search.shard_moves ORDER BY collection, shard, target

-- name: start_move
-- Targets of a move that is started, or gone on with.
SELECT m.target, m.slots::text AS slots, m.state, m.items, m.switched
FROM ops.start_move(%(collection)s, %(shard)s, %(targets)s) AS m
