-- Live tests of profiles, those that run first, then the latest: how many answers were drafted, of how many
-- an item of the profile (wins) or of the fusion in use (losses) was opened first, and how strong the
-- evidence is that the profile is better (evidence; 20 decides) or worse (against): e-values, by
-- impl.log_evidence, shown up to 10^9. rival: the profile in use when it began; NULL: every leg alike.
--   SELECT profile, state, wins, losses, evidence FROM eval.live_tests WHERE collection = 'parts';
CREATE OR REPLACE VIEW eval.live_tests WITH (security_invoker = true) AS
SELECT t.id AS test_id, c.name AS collection, p.name AS profile, r.name AS rival, t.share, t.most, t.policy,
       t.state, t.answers, t.wins, t.losses,
       exp(greatest(least(impl.log_evidence(t.wins, t.losses), ln(1e9)), -700))::float8 AS evidence,
       exp(greatest(least(impl.log_evidence(t.losses, t.wins), ln(1e9)), -700))::float8 AS against,
       t.reason, t.decision_id, t.started_at, t.ended_at
FROM eval.live_test AS t JOIN core.collection AS c ON c.id = t.collection_id
JOIN eval.profile AS p ON p.id = t.profile_id LEFT JOIN eval.profile AS r ON r.id = t.rival_id
ORDER BY t.state = 'running' DESC, t.id DESC;

COMMENT ON VIEW eval.live_tests IS 'Live tests of profiles with their counts and evidence.';
