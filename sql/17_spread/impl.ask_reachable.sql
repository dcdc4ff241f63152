-- Asks shards one question, all at once, for overviews that are to be seen while one of them is down: of such
-- a shard answer is NULL, and trouble says why. Searches use impl.ask_shards, where it is an error.
--   SELECT shard, trouble FROM impl.ask_reachable(impl.shards_of(NULL), '{"do": "ping"}');
CREATE OR REPLACE FUNCTION impl.ask_reachable(shard_ids int[], request jsonb)
RETURNS TABLE (shard text, answer jsonb, trouble text)
LANGUAGE plpgsql STABLE ROWS 3
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    one int;
BEGIN
    BEGIN
        RETURN QUERY SELECT a.shard, a.answer, NULL::text
        FROM impl.ask_shards(shard_ids, ARRAY[request]) AS a;
        RETURN;
    EXCEPTION WHEN OTHERS THEN
        NULL;  -- they are asked one by one, to know which it was
    END;
    FOREACH one IN ARRAY shard_ids LOOP
        BEGIN
            RETURN QUERY SELECT a.shard, a.answer, NULL::text
            FROM impl.ask_shards(ARRAY[one], ARRAY[request]) AS a;
        EXCEPTION WHEN OTHERS THEN
            trouble := SQLERRM;
            shard := (SELECT s.name FROM core.shard AS s WHERE s.id = one);
            answer := NULL;
            RETURN NEXT;
        END;
    END LOOP;
END $$;

COMMENT ON FUNCTION impl.ask_reachable(int[], jsonb) IS
    'Answers of shards to one question; NULL, and why, of one that does not answer.';
