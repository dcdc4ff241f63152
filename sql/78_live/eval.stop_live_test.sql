-- Stops a live test of a collection that runs; what is in use stays. false where no such test runs.
--   SELECT eval.stop_live_test('parts', 1);
CREATE OR REPLACE FUNCTION eval.stop_live_test(collection text, test_id int)
RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    cid CONSTANT int := impl.named_collection(collection);
BEGIN
    PERFORM FROM eval.live_test AS t
    WHERE t.id = stop_live_test.test_id AND t.collection_id = cid AND t.state = 'running' FOR UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM impl.end_live_test(stop_live_test.test_id, 'stopped', 'somebody stopped it');
    RETURN true;
END $$;

COMMENT ON FUNCTION eval.stop_live_test(text, int) IS 'Stops a live test that runs.';
