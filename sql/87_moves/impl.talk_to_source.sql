-- Text, not NULL, that a statement returns where a move takes items from: on a shard, or (0) here. writes: it
-- is a transaction there, committed when it has succeeded; here it is part of the caller's. For its callers
-- alone: it may run anything.
--   SELECT impl.talk_to_source(0, 'SELECT impl.analyzer_version()', false);
CREATE OR REPLACE FUNCTION impl.talk_to_source(source int, statement text, writes boolean)
RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    told text;
BEGIN
    IF source = 0 THEN
        EXECUTE statement INTO told;
    ELSIF writes THEN
        SELECT w.answer INTO told FROM impl.write_on_shards(ARRAY[source], ARRAY[statement]) AS w;
    ELSE
        SELECT t.answer INTO told FROM impl.talk_to_shards(ARRAY[source], ARRAY[statement], true) AS t;
    END IF;
    RETURN told;
END $$;

COMMENT ON FUNCTION impl.talk_to_source(int, text, boolean) IS
    'Text that a statement returns where a move takes items from.';
