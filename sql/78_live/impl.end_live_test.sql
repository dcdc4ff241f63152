-- Ends a live test with a state and its reason, and forgets its answers. A profile that was better is put
-- to use, where the test's policy says so; the decision is kept like those of trials.
--   SELECT impl.end_live_test(1, 'stopped', 'somebody stopped it');
CREATE OR REPLACE FUNCTION impl.end_live_test(test_id int, state text, reason text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    ended eval.live_test;
    decided int;
BEGIN
    UPDATE eval.live_test AS t
    SET state = end_live_test.state, reason = end_live_test.reason, ended_at = now()
    WHERE t.id = end_live_test.test_id RETURNING t.* INTO ended;
    DELETE FROM ops.live_answer AS l WHERE l.test_id = ended.id;
    IF ended.state NOT IN ('better', 'worse', 'even') THEN
        RETURN;
    END IF;
    INSERT INTO eval.decision (collection_id, kind, source, measure, candidate, activated, reason, figures)
    SELECT ended.collection_id, 'fusion', 'live test', 'clicks',
           jsonb_build_object('profile', p.name, 'live_test', ended.id, 'method', p.method,
                              'normalization', p.normalization, 'k_rrf', p.k_rrf, 'weights', p.weights),
           ended.state = 'better' AND ended.policy = 'activate', ended.reason,
           jsonb_build_object('wins', ended.wins, 'losses', ended.losses, 'answers', ended.answers)
    FROM eval.profile AS p WHERE p.id = ended.profile_id RETURNING id INTO decided;
    UPDATE eval.live_test AS t SET decision_id = decided WHERE t.id = ended.id;
    IF ended.state = 'better' AND ended.policy = 'activate' THEN
        PERFORM impl.use_profile(ended.profile_id);
    ELSIF ended.state = 'better' THEN
        PERFORM impl.put_proposal(ended.collection_id, 'profile', p.name, 1, jsonb_build_object(
            'live_test', ended.id, 'wins', ended.wins, 'losses', ended.losses, 'why', ended.reason))
        FROM eval.profile AS p WHERE p.id = ended.profile_id;
    END IF;
END $$;

COMMENT ON FUNCTION impl.end_live_test(int, text, text) IS 'Ends a live test, and does what its policy says.';
