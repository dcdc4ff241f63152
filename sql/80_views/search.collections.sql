-- Collections and their size; of one on shards NULL while one of these does not answer. dated: some items are
-- valid for a time, so that a search may be as of a day.
--   SELECT * FROM search.collections;
CREATE OR REPLACE VIEW search.collections WITH (security_invoker = true) AS
SELECT c.name AS collection, c.analyzer, c.field_weights, c.identifier_fields, c.vector_sources,
       c.picture_readers,
       CASE WHEN impl.is_spread(c.id) THEN away.items
            ELSE (SELECT count(*) FROM core.item AS i
                WHERE i.collection_id = c.id) END AS items, c.created_at,
       c.title_fields, c.suggest_queries, c.titles_stale, c.shape,
       coalesce(away.dated, impl.is_dated(c.id)) AS dated,
       (SELECT array_agg(s.name ORDER BY l.slots) FROM core.shard_slots AS l JOIN core.shard AS s
            ON s.id = l.shard_id WHERE l.collection_id = c.id) AS shards,
       c.labels
FROM core.collection AS c
CROSS JOIN LATERAL impl.spread_size(c.id) AS away;

COMMENT ON VIEW search.collections IS
    'Collections: analyzer, weights, sources of identifiers and vectors, number of items (NULL: a shard does '
    'not answer), what is suggested, shape of results, whether items are valid for a time, shards, names of '
    'keys.';
