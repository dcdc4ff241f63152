-- Failed work with its reason, here and on shards: vectors of items, pictures (by item that has them; without
-- a picture_id: the caption of all pictures of an item), query texts. The text of a query is shown to those
-- who may read ops.query_vector: writers and administrators. parked: all attempts are used up; retried only
-- after a change or `seogo failed retry`. shard: where it is; NULL: here. A shard that does not answer is
-- itself a row, of kind shard.
--   SELECT kind, external_id, attempts, parked, error FROM search.failed WHERE collection = 'parts';
CREATE OR REPLACE VIEW search.failed WITH (security_invoker = true) AS
SELECT 'vectors' AS kind, c.name AS collection, i.external_id, i.id AS item_id, NULL::bigint AS picture_id,
       s.name AS space, s.generation,
       NULL AS query, o.attempts, o.next_attempt_at = 'infinity' AS parked,
           nullif(o.next_attempt_at, 'infinity') AS next_attempt_at, o.error, NULL AS shard
FROM ops.outbox AS o
JOIN ops.space AS s ON s.id = o.space_id
JOIN core.item AS i ON i.id = o.item_id
JOIN core.collection AS c ON c.id = i.collection_id
WHERE o.error IS NOT NULL AND s.status <> 'retired'
UNION ALL
SELECT r.kind, c.name, i.external_id, i.id, r.picture_id, NULL, NULL,
       NULL, r.attempts, r.next_attempt_at = 'infinity', nullif(r.next_attempt_at, 'infinity'), r.error,
       NULL
FROM core.reading AS r
JOIN (SELECT DISTINCT m.picture_id, m.item_id FROM core.media AS m) AS m ON m.picture_id = r.picture_id
JOIN core.item AS i ON i.id = m.item_id
JOIN core.collection AS c ON c.id = i.collection_id
WHERE r.error IS NOT NULL
UNION ALL
SELECT 'caption', c.name, i.external_id, i.id, NULL, NULL, NULL,
       NULL, k.attempts, k.next_attempt_at = 'infinity', nullif(k.next_attempt_at, 'infinity'), k.error,
       NULL
FROM core.item_caption AS k
JOIN core.item AS i ON i.id = k.item_id
JOIN core.collection AS c ON c.id = i.collection_id
WHERE k.error IS NOT NULL
UNION ALL
SELECT 'query', NULL, NULL, NULL, NULL, s.name, s.generation, v.query, NULL, true, NULL, v.error, NULL
FROM impl.failed_queries() AS v JOIN ops.space AS s ON s.id = v.space_id
WHERE s.status <> 'retired'
UNION ALL
SELECT a.kind, a.collection, a.external_id, a.item_id, a.picture_id, a.space, a.generation, NULL, a.attempts,
       a.parked, a.next_attempt_at, a.error, a.shard
FROM impl.failed_away() AS a;

COMMENT ON VIEW search.failed IS
    'Items, pictures and queries that could not be encoded or read, with the reason and the time of the next '
    'attempt.';
