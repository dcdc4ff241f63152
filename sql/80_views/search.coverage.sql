-- Progress of the vectors of each collection, per live or building generation, according to the outbox;
-- search.stale compares with the content itself. Of a collection on shards the sums of all of them but those
-- in `unanswered`, which do not answer; per shard: search.shard_coverage.
--   SELECT * FROM search.coverage;
CREATE OR REPLACE VIEW search.coverage WITH (security_invoker = true) AS
SELECT c.name AS collection, s.name AS space, s.generation, s.status,
       count(*) AS items,
       count(*) FILTER (WHERE o.item_id IS NULL AND e.present) AS fresh,
       count(*) FILTER (WHERE o.item_id IS NOT NULL AND o.error IS NULL AND e.present) AS stale,
       count(*) FILTER (WHERE o.item_id IS NOT NULL AND o.error IS NULL AND NOT e.present) AS missing,
       count(*) FILTER (WHERE o.error IS NOT NULL) AS failed,
       count(*) FILTER (WHERE o.item_id IS NULL AND NOT e.present) AS without_text,
       '{}'::text[] AS unanswered
FROM core.collection AS c
JOIN ops.space AS s ON c.vector_sources ? s.name AND s.status <> 'retired'
JOIN core.item AS i ON i.collection_id = c.id
LEFT JOIN ops.outbox AS o ON o.space_id = s.id AND o.item_id = i.id
CROSS JOIN LATERAL (
    SELECT EXISTS (SELECT FROM core.embedding AS e WHERE e.space_id = s.id AND e.item_id = i.id) AS present
) AS e
GROUP BY c.name, s.name, s.generation, s.status
UNION ALL
SELECT a.* FROM impl.coverage_away() AS a;

COMMENT ON VIEW search.coverage IS
    'Items per collection and space: fresh, stale (text changed since), missing, failed, without_text '
    '(nothing to encode); shards that are not in the sums.';
