-- Moves under way of parts of sharded collections, a row per target; shard is where they come from, `here`
-- for items of this database: slots are how many of the 4,096 it
-- takes; switched_at: since when it is asked instead of the source. `seogo shard move` ends them.
--   SELECT collection, shard, target, switched_at FROM search.shard_moves;
CREATE OR REPLACE VIEW search.shard_moves WITH (security_invoker = true) AS
SELECT c.name AS collection, impl.shard_name(m.source_id) AS shard, t.name AS target,
       (SELECT sum(upper(r) - lower(r)) FROM unnest(m.slots) AS r) AS slots, m.started_at, m.switched_at
FROM core.shard_move AS m
JOIN core.collection AS c ON c.id = m.collection_id
JOIN core.shard AS t ON t.id = m.target_id;

COMMENT ON VIEW search.shard_moves IS 'Moves under way of parts of sharded collections.';
