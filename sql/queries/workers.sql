-- Statements of long-running workers.

-- name: anything_due
-- Outside its hours (ops.throttle), nothing of a generation is due.
SELECT NOT EXISTS (SELECT FROM ops.throttle AS t
                   WHERE t.space_id = %(space_id)s
                     AND NOT impl.in_window(t.work_from, t.work_until, t.work_zone))
   AND EXISTS (SELECT FROM ops.outbox AS o WHERE o.space_id = %(space_id)s AND o.next_attempt_at <= now()
               AND (o.lease_until IS NULL OR o.lease_until < now()
                    OR o.lease_by <> ALL ((SELECT impl.live_workers())::int[])))
    OR EXISTS (SELECT FROM ops.query_vector AS v
               JOIN ops.space AS s ON s.id = v.space_id AND s.modality <> 'image'
               WHERE v.space_id = %(space_id)s AND v.vec IS NULL AND v.error IS NULL) AS done

-- name: index_due
-- One build, when nearly all vectors are in, is much faster than inserting into an index.
SELECT s.space_id, s.space, s.generation, s.status, s.encoder, s.identity, s.dim, s.modality, s.indexed
FROM search.spaces AS s
CROSS JOIN LATERAL (SELECT count(*) AS vectors FROM core.embedding AS e
                    WHERE e.space_id = s.space_id AND NOT s.indexed) AS stored
CROSS JOIN LATERAL (SELECT count(*) AS items FROM ops.outbox AS o
                    WHERE o.space_id = s.space_id AND o.error IS NULL AND NOT s.indexed) AS waiting
WHERE s.status <> 'retired' AND NOT s.indexed AND stored.vectors >= %(least_vectors)s
  AND waiting.items * 20 <= stored.vectors
ORDER BY s.space, s.generation

-- name: failed
SELECT * FROM search.failed AS f
WHERE (%(collection)s::text IS NULL OR f.collection = %(collection)s)
  AND (%(space)s::text IS NULL OR f.space = %(space)s)
  AND (%(kind)s::text IS NULL OR f.kind = %(kind)s)
ORDER BY f.parked DESC, f.collection, f.space, f.generation, f.kind, f.external_id, f.query
LIMIT %(limit)s
