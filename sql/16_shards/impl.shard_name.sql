-- Name of a shard by number; 0 is this database itself, the source of a move of its own items.
--   SELECT impl.shard_name(0);   -- here
CREATE OR REPLACE FUNCTION impl.shard_name(number int)
RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE WHEN shard_name.number = 0 THEN 'here'
                ELSE (SELECT s.name FROM core.shard AS s WHERE s.id = shard_name.number) END
$$;

COMMENT ON FUNCTION impl.shard_name(int) IS 'Name of a shard by number; 0: here, this database itself.';
