-- The loop that a step of training belongs to, in the order of the steps: what it was made from, back to the
-- first pairs, the step, and what was made of it since. Steps are linked by digests of files and models.
-- SG001 for an unknown step.
--   SELECT step_id, kind, name, state FROM search.training_loop(1);
CREATE OR REPLACE FUNCTION search.training_loop(step_id bigint)
RETURNS SETOF search.training
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 5
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM ops.training_step AS t WHERE t.id = training_loop.step_id) THEN
        RAISE EXCEPTION 'there is no training step %', training_loop.step_id
            USING ERRCODE = 'SG001', HINT = 'SELECT step_id, kind, name FROM search.training lists them.';
    END IF;
    RETURN QUERY
    WITH RECURSIVE before AS (
        SELECT t.id, t.made_from FROM ops.training_step AS t WHERE t.id = training_loop.step_id
        UNION
        SELECT t.id, t.made_from FROM before AS b JOIN ops.training_step AS t
          ON t.made && b.made_from AND t.id < b.id
    ),
    after AS (
        SELECT t.id, t.made FROM ops.training_step AS t WHERE t.id = training_loop.step_id
        UNION
        SELECT t.id, t.made FROM after AS a JOIN ops.training_step AS t
          ON t.made_from && a.made AND t.id > a.id
    )
    SELECT s.* FROM search.training AS s
    WHERE s.step_id IN (SELECT b.id FROM before AS b UNION SELECT a.id FROM after AS a)
    ORDER BY s.step_id;
END $$;

COMMENT ON FUNCTION search.training_loop(bigint) IS
    'Steps of training that led to a step, and those that came of it.';
