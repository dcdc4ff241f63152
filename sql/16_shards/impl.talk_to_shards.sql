-- Sends a statement to each of some shards, all at once, and collects the one text that each returns. One
-- that cannot be reached is an error, SG005. again: a statement whose connection breaks is sent once more.
-- After any error the connections are closed, so that nobody reads an answer that was meant for another. For
-- its callers alone: it may send anything.
--   SELECT * FROM impl.talk_to_shards('{1,2}', '{SELECT 1::text}', true);
CREATE OR REPLACE FUNCTION impl.talk_to_shards(shard_ids int[], statements text[], again boolean)
RETURNS TABLE (shard text, answer text)
LANGUAGE plpgsql ROWS 3
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    names CONSTANT text[] := ARRAY(
        SELECT s.name FROM unnest(shard_ids) WITH ORDINALITY AS u(id, at) JOIN core.shard AS s ON s.id = u.id
        ORDER BY u.at);
    down text[] := '{}';  -- why each cannot be reached
    told text;
    hint text;
    detail text;
BEGIN
    IF cardinality(names) <> cardinality(shard_ids) THEN
        RAISE EXCEPTION 'unknown shard among %', shard_ids USING ERRCODE = 'SG001';
    END IF;
    FOR i IN 1 .. cardinality(names) LOOP
        down[i] := impl.shard_send(names[i], statements[least(i, cardinality(statements))], false);
    END LOOP;
    FOR i IN 1 .. cardinality(names) LOOP
        shard := names[i];
        FOR turn IN 1 .. 2 LOOP
            CONTINUE WHEN down[i] IS NOT NULL;
            BEGIN
                answer := impl.shard_receive(shard);
                RETURN NEXT;
                EXIT;
            EXCEPTION WHEN SQLSTATE '08000' OR SQLSTATE '08001' OR SQLSTATE '08003' OR SQLSTATE '08006'
                    OR SQLSTATE '57P01' OR SQLSTATE '57P02' OR SQLSTATE '57P03' THEN
                told := SQLERRM;
                down[i] := CASE WHEN again AND turn = 1 THEN impl.shard_send(
                    shard, statements[least(i, cardinality(statements))], true) ELSE told END;
            END;
        END LOOP;
        IF down[i] IS NOT NULL THEN
            RAISE EXCEPTION 'shard % does not answer: %', shard, down[i] USING ERRCODE = 'SG005',
                HINT = 'See `seogo shard doctor`. With `partial`, a search is answered without it.';
        END IF;
    END LOOP;
EXCEPTION WHEN query_canceled OR OTHERS THEN
    GET STACKED DIAGNOSTICS told = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    PERFORM impl.shard_hang_up(names);
    RAISE EXCEPTION USING ERRCODE = SQLSTATE, DETAIL = detail, HINT = hint,
        MESSAGE = CASE WHEN SQLSTATE = 'SG005' OR shard IS NULL THEN told
                       ELSE format('shard %s: %s', shard, told) END;
END $$;

COMMENT ON FUNCTION impl.talk_to_shards(int[], text[], boolean) IS
    'Texts that shards return to a statement each, sent all at once.';
