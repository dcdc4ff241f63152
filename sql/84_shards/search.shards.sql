-- Shards that this coordinator knows, and where each is; secrets are not among it.
--   SELECT * FROM search.shards;
CREATE OR REPLACE VIEW search.shards WITH (security_invoker = true) AS
SELECT s.id AS number, s.name AS shard,
       (SELECT string_agg(o.option_name || '=' || o.option_value, ' ' ORDER BY o.option_name)
        FROM pg_foreign_server AS f CROSS JOIN LATERAL pg_options_to_table(f.srvoptions) AS o
        WHERE f.srvname = 'seogo_shard_' || s.name) AS address,
       coalesce((SELECT array_agg(c.name ORDER BY c.name) FROM core.shard_slots AS l
                 JOIN core.collection AS c ON c.id = l.collection_id
                     WHERE l.shard_id = s.id), '{}') AS collections,
       s.added_at
FROM core.shard AS s;

COMMENT ON VIEW search.shards IS 'Shards that this coordinator knows, where each is, and collections on it.';
