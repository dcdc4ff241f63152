-- Number of a shard by name; SG001 when there is none. 0 for "here", this database itself, from which its own
-- items can be moved to shards.
--   SELECT impl.shard_number('a');
CREATE OR REPLACE FUNCTION impl.shard_number(shard text)
RETURNS int
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found int;
BEGIN
    IF shard = impl.shard_name(0) THEN
        RETURN 0;
    END IF;
    SELECT s.id INTO found FROM core.shard AS s WHERE s.name = shard_number.shard;
    IF found IS NULL THEN
        PERFORM impl.refuse_unknown('shard', shard, ARRAY(SELECT s.name
            FROM core.shard AS s), 'seogo shard add');
    END IF;
    RETURN found;
END $$;

COMMENT ON FUNCTION impl.shard_number(text) IS 'Number of a shard by name.';
