-- Steps of training, the latest first by step_id: pairs made, mined and changed, runs, gates. last_point is
-- the newest of a run's curve. facts are those of the kind: counts of pairs, settings, measures, the verdict.
--   SELECT step_id, kind, name, state, refused, error FROM search.training ORDER BY step_id DESC LIMIT 10;
CREATE OR REPLACE VIEW search.training WITH (security_invoker = true) AS
SELECT t.id AS step_id, t.kind, t.name, t.state, t.made_from, t.made, t.facts, t.refused, t.error,
       t.started_at, t.updated_at, t.finished_at, p.at AS last_at, p.point AS last_point
FROM ops.training_step AS t
LEFT JOIN LATERAL (SELECT c.at, c.point FROM ops.training_point AS c WHERE c.step_id = t.id
                   ORDER BY c.at DESC LIMIT 1) AS p ON true;

COMMENT ON VIEW search.training IS 'Steps of training: what they made, what they left out and why.';
