-- Keeps a point of a run's curve; measures of the same optimiser step are added to what is there. Points
-- behind it, of a run that was killed and goes on from an older checkpoint, are dropped.
--   SELECT ops.note_training(1, 50, '{"loss": 1.2, "nDCG@10": 0.61}');
CREATE OR REPLACE FUNCTION ops.note_training(step_id bigint, at int, point jsonb)
RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    DELETE FROM ops.training_point AS p
    WHERE p.step_id = note_training.step_id AND p.at > note_training.at;
    INSERT INTO ops.training_point AS p (step_id, at, point)
    VALUES (note_training.step_id, note_training.at, note_training.point)
    ON CONFLICT ON CONSTRAINT training_point_pkey DO UPDATE SET point = p.point || excluded.point;
    UPDATE ops.training_step AS t SET updated_at = now() WHERE t.id = note_training.step_id
$$;

COMMENT ON FUNCTION ops.note_training(bigint, int, jsonb) IS 'Keeps a point of a training run''s curve.';
