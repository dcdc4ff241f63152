-- Statements of the job that builds, switches and drops generations.

-- name: of_space
SELECT s.space_id, s.space, s.generation, s.status, s.encoder, s.identity, s.dim, s.modality, s.kind,
       s.indexed
FROM search.spaces AS s WHERE %(space)s::text IS NULL OR s.space = %(space)s
ORDER BY s.space, s.generation DESC

-- name: throttle
SELECT max_rate, work_from, work_until, work_zone FROM ops.throttle WHERE space_id = %(space_id)s

-- name: drift
SELECT * FROM search.drift
WHERE %(space)s::text IS NULL OR space = %(space)s ORDER BY space, generation, measure

-- name: attached
-- A row while the generation's table is a partition: whether its detachment is pending.
SELECT inhdetachpending AS done FROM pg_inherits
WHERE inhrelid = to_regclass('core.embedding_' || %(space_id)s)

-- name: progress
SELECT t.as_of, count(o.item_id) FILTER (WHERE o.error IS NULL) AS waiting,
       count(o.item_id) FILTER (WHERE o.error IS NULL AND o.enqueued_at <= t.as_of) AS waiting_before,
       count(o.item_id) FILTER (WHERE o.error IS NOT NULL) AS failed
FROM (SELECT coalesce(%(as_of)s::timestamptz, clock_timestamp()) AS as_of) AS t
LEFT JOIN ops.outbox AS o ON o.space_id = %(space_id)s
GROUP BY t.as_of

-- name: progress_away
SELECT p.* FROM ops.space AS s CROSS JOIN LATERAL impl.progress_away(s) AS p WHERE s.id = %(space_id)s

-- name: shards
SELECT DISTINCT h.name FROM core.shard_slots AS l JOIN core.shard AS h ON h.id = l.shard_id
JOIN core.collection AS c ON c.id = l.collection_id
WHERE c.vector_sources ? %(space)s ORDER BY h.name

-- name: overview
-- unanswered: shards that do not answer, whose items are not counted.
SELECT s.space, s.generation, s.status, s.encoder, s.dim, r.indexed, c.items, c.fresh, c.waiting, c.failed,
       c.unanswered,
       r.rate,
       t.max_rate, t.work_from, t.work_until, t.work_zone, s.min_similarity,
       nullif(s.retired_at, '-infinity') AS retired_at
FROM search.spaces AS s
LEFT JOIN (
    SELECT v.space, v.generation, sum(v.items)::bigint AS items, sum(v.fresh)::bigint AS fresh,
           sum(v.stale + v.missing)::bigint AS waiting, sum(v.failed)::bigint AS failed,
           string_agg(DISTINCT nullif(array_to_string(v.unanswered, ', '), ''), ', ') AS unanswered
    FROM search.coverage AS v GROUP BY v.space, v.generation
) AS c USING (space, generation)
JOIN ops.space AS o ON o.id = s.space_id
CROSS JOIN LATERAL impl.generation_state(o) AS r
LEFT JOIN ops.throttle AS t ON t.space_id = s.space_id
WHERE %(space)s::text IS NULL OR s.space = %(space)s
ORDER BY s.space, s.generation DESC

-- name: judged_sets
WITH judged AS MATERIALIZED (
    SELECT c.id, c.name AS collection, s.name AS query_set, j.source, q.id AS query_id, j.external_id
    FROM core.collection AS c
    CROSS JOIN eval.query_set AS s
    JOIN eval.query AS q ON q.set_id = s.id
    JOIN eval.judgment AS j ON j.query_id = q.id AND j.grade > 0
        AND j.source <> impl.implicit_source()
    WHERE %(space)s::text IS NULL OR c.vector_sources ? %(space)s
),
here AS (
    SELECT g.id, i.external_id
    FROM (SELECT j.id, array_agg(DISTINCT j.external_id) AS names FROM judged AS j GROUP BY j.id) AS g
    CROSS JOIN LATERAL impl.named_items(g.id, g.names) AS i
)
SELECT j.collection, j.query_set, j.source, count(DISTINCT j.query_id) AS queries
FROM judged AS j LEFT JOIN here AS h ON h.id = j.id AND h.external_id = j.external_id
GROUP BY j.collection, j.query_set, j.source
HAVING count(h.id) * 2 >= count(*)
ORDER BY j.collection, j.query_set, j.source

-- name: want_queries
WITH wanted AS (
    INSERT INTO ops.query_vector (space_id, query_hash, query)
    SELECT DISTINCT ON (impl.query_hash(q.text)) %(space_id)s, impl.query_hash(q.text), btrim(q.text)
    FROM eval.query AS q JOIN eval.query_set AS s ON s.id = q.set_id
    WHERE s.name = %(query_set)s AND btrim(q.text) <> '' AND length(q.text) <= 10000
    ON CONFLICT DO NOTHING RETURNING 1
)
SELECT count(*) AS n FROM wanted
