-- Runs a writing statement on each of some shards, all at once, in a transaction each that is committed only
-- when all have succeeded; the one text that each returns. Where one fails, none has written. Between the
-- commits of two shards one can still break: then SG005 says so, and the callers' statements are such that
-- once more does no harm. A write waits ten seconds for another's rows at most: two writers that wait for
-- each other on two shards would not be found out. For its callers alone: it may send anything.
--   SELECT * FROM impl.write_on_shards('{1}', '{SELECT 1::text}');
CREATE OR REPLACE FUNCTION impl.write_on_shards(shard_ids int[], statements text[])
RETURNS TABLE (shard text, answer text)
LANGUAGE plpgsql ROWS 3
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    told text;
BEGIN
    RETURN QUERY SELECT t.* FROM impl.talk_to_shards(shard_ids, ARRAY(
        SELECT 'BEGIN; SET LOCAL lock_timeout = 10000; ' || s.statement
        FROM unnest(statements) WITH ORDINALITY AS s(statement, at) ORDER BY s.at), true) AS t;
    PERFORM impl.talk_to_shards(shard_ids, ARRAY['COMMIT'], false);
EXCEPTION WHEN SQLSTATE 'SG005' THEN
    told := SQLERRM;
    RAISE EXCEPTION '%', told USING ERRCODE = 'SG005',
        HINT = 'Write the same once more when it is back: what is written already stays as it is.';
END $$;

COMMENT ON FUNCTION impl.write_on_shards(int[], text[]) IS
    'Runs a writing statement on each of some shards, and commits when all have succeeded.';
