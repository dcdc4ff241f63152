-- Begins a step of training and returns its id. made_from: digests of what it works on. A step of the same
-- kind and name that is still running was killed: it is marked as interrupted, its curve is kept.
--   SELECT ops.begin_training('run', 'runs/1', '{"9f86d0"}', '{"pairs": 7106}');
CREATE OR REPLACE FUNCTION ops.begin_training(
    kind text,
    name text,
    made_from text[] DEFAULT '{}',
    facts jsonb DEFAULT '{}')
RETURNS bigint
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    UPDATE ops.training_step AS t SET state = 'interrupted', finished_at = now()
    WHERE t.kind = begin_training.kind AND t.name = begin_training.name AND t.state = 'running';
    INSERT INTO ops.training_step (kind, name, made_from, facts)
    VALUES (begin_training.kind, begin_training.name, begin_training.made_from, begin_training.facts)
    RETURNING id
$$;

COMMENT ON FUNCTION ops.begin_training(text, text, text[], jsonb) IS
    'Begins a step of training; one of the same name that was killed is marked as interrupted.';
