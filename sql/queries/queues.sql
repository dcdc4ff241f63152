-- Statements about queues: for workers, and for a run that counts only its own work.

-- name: prepare
SELECT set_config('seogo.max_attempts', %(max_attempts)s::text, false) IS NOT NULL AS done

-- name: indexes
-- Lexical indexes, those being built first.
SELECT x.id, c.name AS collection, x.status
FROM core.lexical_index AS x JOIN core.collection AS c ON c.id = x.collection_id ORDER BY x.status, c.name

-- name: titled
-- Collections whose titles wait to be read.
SELECT c.id, c.name AS collection, c.titles_stale AS stale FROM core.collection AS c ORDER BY c.id

-- name: anything_due
-- Outside its hours (ops.throttle), nothing of a generation is due.
SELECT NOT EXISTS (SELECT FROM ops.throttle AS t
                   WHERE t.space_id = %(space_id)s
                     AND NOT impl.in_window(t.work_from, t.work_until, t.work_zone))
   AND EXISTS (SELECT FROM ops.outbox AS o WHERE o.space_id = %(space_id)s AND o.next_attempt_at <= now()
               AND impl.is_free(o.lease_until, o.lease_by, (SELECT impl.live_workers())))
    OR EXISTS (SELECT FROM ops.query_vector AS v
               JOIN ops.space AS s ON s.id = v.space_id AND s.modality <> 'image'
               WHERE v.space_id = %(space_id)s AND v.vec IS NULL AND v.error IS NULL) AS done

-- name: index_due
-- One build, when nearly all vectors are in, is much faster than inserting into an index. A generation that
-- is complete beside a live one gets one where that has one, however small it is: it is to take over.
SELECT s.space_id, s.space, s.generation, s.status, s.encoder, s.identity, s.dim, s.modality, s.kind,
       s.indexed
FROM search.spaces AS s
CROSS JOIN LATERAL (SELECT count(*) AS vectors FROM core.embedding AS e
                    WHERE e.space_id = s.space_id AND NOT s.indexed) AS stored
CROSS JOIN LATERAL (SELECT count(*) AS items FROM ops.outbox AS o
                    WHERE o.space_id = s.space_id AND o.error IS NULL AND NOT s.indexed) AS waiting
WHERE s.status <> 'retired' AND NOT s.indexed AND stored.vectors > 0
  AND (stored.vectors >= %(least_vectors)s AND waiting.items * 20 <= stored.vectors
       OR waiting.items = 0 AND (SELECT impl.index_waits(o) FROM ops.space AS o WHERE o.id = s.space_id))
ORDER BY s.space, s.generation

-- name: failed
SELECT * FROM search.failed AS f
WHERE (%(collection)s::text IS NULL OR f.collection = %(collection)s)
  AND (%(space)s::text IS NULL OR f.space = %(space)s)
  AND (%(kind)s::text IS NULL OR f.kind = %(kind)s)
ORDER BY f.parked DESC, f.collection, f.space, f.generation, f.kind, f.external_id, f.query
LIMIT %(limit)s

-- name: items
SELECT i.id AS item_id,
       %(collection)s::text IS NULL OR EXISTS (SELECT FROM core.collection AS c
                                               WHERE c.id = i.collection_id
                                                 AND c.name = %(collection)s) AS own,
       EXISTS (SELECT FROM ops.outbox AS o
               WHERE o.space_id = %(space_id)s AND o.item_id = i.id AND o.error IS NOT NULL) AS failed
FROM core.item AS i WHERE i.id = ANY (%(item_ids)s)

-- name: picture
SELECT count(*) AS n
FROM core.media AS m
JOIN core.item AS i ON i.id = m.item_id
JOIN core.collection AS c ON c.id = i.collection_id AND c.name = %(collection)s
WHERE m.picture_id = %(picture_id)s

-- name: waiting_items
SELECT count(*) AS n
FROM ops.outbox AS o
JOIN core.item AS i ON i.id = o.item_id
JOIN core.collection AS c ON c.id = i.collection_id AND c.name = %(collection)s
WHERE o.space_id = %(space_id)s AND o.enqueued_at >= %(since)s AND o.error IS NULL

-- name: waiting_pictures
SELECT count(*) AS n
FROM core.reading AS r
WHERE r.kind = %(kind)s AND r.read_at IS NULL AND r.enqueued_at >= %(since)s AND r.error IS NULL AND EXISTS (
    SELECT FROM core.media AS m
    JOIN core.item AS i ON i.id = m.item_id
    JOIN core.collection AS c ON c.id = i.collection_id AND c.name = %(collection)s
    WHERE m.picture_id = r.picture_id)
