-- Ends a step of training: done, refused with the reason, failed, or interrupted. facts are added to those it
-- began with; refused says what was left out, by reason.
--   SELECT ops.end_training(1, 'done', '{"9f86d0"}', '{"nDCG@10": 0.61}', '{"too few negatives": 12}');
CREATE OR REPLACE FUNCTION ops.end_training(
    step_id bigint,
    state text,
    made text[] DEFAULT '{}',
    facts jsonb DEFAULT '{}',
    refused jsonb DEFAULT '{}',
    error text DEFAULT NULL)
RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    UPDATE ops.training_step AS t
    SET state = end_training.state, made = end_training.made, facts = t.facts || end_training.facts,
        refused = end_training.refused, error = left(end_training.error, 4000), updated_at = now(),
        finished_at = now()
    WHERE t.id = end_training.step_id
$$;

COMMENT ON FUNCTION ops.end_training(bigint, text, text[], jsonb, jsonb, text) IS
    'Ends a step of training: what it made, what it left out and why.';
