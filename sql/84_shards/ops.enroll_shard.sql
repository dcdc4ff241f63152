-- On a shard: takes a number, from which the ids of its new items, pictures and contradictions begin. For
-- coordinators (ops.add_shard).
--   SELECT ops.enroll_shard(3);
CREATE OR REPLACE FUNCTION ops.enroll_shard(number int)
RETURNS int
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    low CONSTANT bigint := number * impl.shard_span();
    name regclass;
BEGIN
    IF EXISTS (SELECT FROM core.shard) THEN
        RAISE EXCEPTION 'this database is a coordinator itself' USING ERRCODE = 'SG004',
            HINT = 'A shard has no shards.';
    ELSIF number NOT BETWEEN 1 AND 8999 THEN
        RAISE EXCEPTION 'a shard cannot have number %', number USING ERRCODE = 'SG004',
            HINT = 'From 1 to 8999.';
    END IF;
    FOREACH name IN ARRAY '{core.item,core.picture,ops.contradiction}'::regclass[] LOOP
        EXECUTE format('ALTER TABLE %s ALTER COLUMN id SET START %s SET MINVALUE %s SET MAXVALUE %s RESTART',
                       name, low, low, low + impl.shard_span() - 1);
    END LOOP;
    RETURN number;
END $$;

COMMENT ON FUNCTION ops.enroll_shard(int) IS 'Takes a number as a shard, by a coordinator.';
