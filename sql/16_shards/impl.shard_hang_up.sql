-- Ends the session's connections to shards, those that it has: what they were doing is cancelled.
--   SELECT impl.shard_hang_up('{a,b}');
CREATE OR REPLACE FUNCTION impl.shard_hang_up(shards text[])
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    link CONSTANT text := impl.dblink_schema();
    connection text;
    busy int;
BEGIN
    FOR connection IN EXECUTE
        format('SELECT c FROM unnest(%s.dblink_get_connections()) AS c WHERE c = ANY ($1)',
                                     link)
        USING ARRAY(SELECT 'seogo_' || s FROM unnest(shards) AS s) LOOP
        EXECUTE format('SELECT %s.dblink_is_busy($1)', link) INTO busy USING connection;
        IF busy = 1 THEN
            EXECUTE format('SELECT %s.dblink_cancel_query($1)', link) USING connection;
        END IF;
        EXECUTE format('SELECT %s.dblink_disconnect($1)', link) USING connection;
    END LOOP;
END $$;

COMMENT ON FUNCTION impl.shard_hang_up(text[]) IS 'Ends the session''s connections to shards.';
