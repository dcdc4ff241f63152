-- Ends a running live test where it is decided: evidence of 20 for or against the profile (one in twenty
-- such verdicts on equal fusions would be wrong, however often one looks), as many decided answers as it
-- may take, or another fusion in use than the one it began with.
--   SELECT impl.settle_live_test(1);
CREATE OR REPLACE FUNCTION impl.settle_live_test(test_id int)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    decides CONSTANT float8 := ln(20::float8); -- 1 / alpha, alpha = 0.05
    test eval.live_test;
    in_use int;
    counts text;
BEGIN
    SELECT t.* INTO test FROM eval.live_test AS t
    WHERE t.id = settle_live_test.test_id AND t.state = 'running' FOR UPDATE;
    IF test.id IS NULL THEN
        RETURN;
    END IF;
    SELECT p.id INTO in_use FROM eval.profile AS p
    WHERE p.collection_id = test.collection_id AND p.active AND num_nonnulls(p.query_kind, p.asker) = 0;
    counts := format('%s answers decided for it, %s for what was in use', test.wins, test.losses);
    IF in_use IS DISTINCT FROM test.rival_id THEN
        PERFORM impl.end_live_test(test.id, 'stopped', 'another fusion is in use now; ' || counts);
    ELSIF impl.log_evidence(test.wins, test.losses) >= decides THEN
        PERFORM impl.end_live_test(test.id, 'better', counts);
    ELSIF impl.log_evidence(test.losses, test.wins) >= decides THEN
        PERFORM impl.end_live_test(test.id, 'worse', counts);
    ELSIF test.wins + test.losses >= test.most THEN
        PERFORM impl.end_live_test(test.id, 'even', counts || ', which decides nothing');
    END IF;
END $$;

COMMENT ON FUNCTION impl.settle_live_test(int) IS 'Ends a running live test where it is decided.';
