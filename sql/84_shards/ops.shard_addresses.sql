-- Addresses of the shards of this coordinator, as options of libpq, user and password among them: for those
-- to whom the user mappings belong (PostgreSQL shows them to nobody else), who back up all shards.
--   SELECT shard, options - 'password' FROM ops.shard_addresses();
CREATE OR REPLACE FUNCTION ops.shard_addresses()
RETURNS TABLE (shard text, options jsonb)
LANGUAGE sql STABLE ROWS 3
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT s.name, coalesce(jsonb_object_agg(o.option_name, o.option_value)
                            FILTER (WHERE o.option_name IS NOT NULL), '{}')
    FROM core.shard AS s
    JOIN pg_foreign_server AS f ON f.srvname = 'seogo_shard_' || s.name
    LEFT JOIN pg_user_mappings AS m ON m.srvid = f.oid
    LEFT JOIN LATERAL pg_options_to_table(coalesce(f.srvoptions, '{}') || coalesce(m.umoptions, '{}')) AS o
        ON true
    GROUP BY s.id ORDER BY s.id
$$;

COMMENT ON FUNCTION ops.shard_addresses() IS 'Addresses of shards, for who backs them up.';
