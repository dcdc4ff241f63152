-- Counts that an item of a drafted answer was opened. The first item of one side that is opened decides the
-- answer, and decides it for ever: looks in between change no outcome, and who opens much counts once.
-- Returns whether this one decided; not where the item is of both sides, the answer is decided or unknown,
-- or the test has ended. The test ends where it is decided (impl.settle_live_test).
--   SELECT ops.count_live_click('parts', 'P0002', 1, 42);
CREATE OR REPLACE FUNCTION ops.count_live_click(
    collection text, external_id text, test_id int, answer bigint)
RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    decided int;
BEGIN
    UPDATE ops.live_answer AS l SET won = CASE WHEN i.id = ANY (l.b) THEN 1 ELSE -1 END
    FROM impl.named_items(impl.named_collection(count_live_click.collection),
                          ARRAY[count_live_click.external_id]) AS i, eval.live_test AS t
    WHERE l.test_id = count_live_click.test_id AND l.answer = count_live_click.answer AND l.won IS NULL
      AND t.id = l.test_id AND t.state = 'running'
      AND t.collection_id = impl.named_collection(count_live_click.collection)
      AND i.id = ANY (l.a || l.b)
    RETURNING l.won INTO decided;
    IF decided IS NULL THEN
        RETURN false;
    END IF;
    UPDATE eval.live_test AS t SET wins = t.wins + (decided = 1)::int, losses = t.losses + (decided = -1)::int
    WHERE t.id = count_live_click.test_id AND t.state = 'running';
    PERFORM impl.settle_live_test(count_live_click.test_id);
    RETURN true;
END $$;

COMMENT ON FUNCTION ops.count_live_click(text, text, int, bigint) IS
    'Counts that an item of a drafted answer was opened; returns whether that decided the answer.';
