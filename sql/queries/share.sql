-- Statements that separate a run's own work from that of others: items of its collection, queued since its
-- start.

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
