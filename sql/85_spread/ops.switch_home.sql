-- On a shard: makes a generation of a coordinator's space the live one, where it is not: the one that is
-- being built (ops.switch_generation), or, with as_of NULL, the one before (ops.rollback_generation).
-- Once more does no harm, so that a switch that broke between two shards can be repeated. SG004 where another
-- one would be live then.
--   SELECT ops.switch_home('text', 1, now(), '{"passed": true}', NULL, false, false);
CREATE OR REPLACE FUNCTION ops.switch_home(
    space text,
    generation int,
    as_of timestamptz,
    evaluation jsonb,
    cutoff real,
    accept_failures boolean,
    force boolean)
RETURNS int
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
BEGIN
    IF EXISTS (SELECT FROM ops.space AS s
               WHERE s.name = space AND s.status = 'live' AND s.generation = switch_home.generation) THEN
        RETURN generation;
    ELSIF as_of IS NULL THEN
        PERFORM ops.rollback_generation(space);
    ELSE
        PERFORM ops.switch_generation(space, as_of, evaluation, cutoff, accept_failures, force);
    END IF;
    IF NOT EXISTS (SELECT FROM ops.space AS s
                   WHERE s.name = space AND s.status = 'live' AND s.generation = switch_home.generation) THEN
        RAISE EXCEPTION 'this shard does not have generation % of space % ready', generation, space
            USING ERRCODE = 'SG004', HINT = 'See `seogo shard doctor` on the coordinator.';
    END IF;
    RETURN generation;
END $$;

COMMENT ON FUNCTION ops.switch_home(text, int, timestamptz, jsonb, real, boolean, boolean) IS
    'Makes a generation of a coordinator''s space the live one on its shard, where it is not.';
