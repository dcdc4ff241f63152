-- Makes the generation of a space that has become the live one here the live one on the shards of the
-- collections that feed it, all of them or none: each refuses while its items are not encoded, or its index
-- is missing. as_of NULL: they go back to it. Shards that have switched are left as they are. The switch that
-- counts is the coordinator's: until it commits, searches name the generation before, which shards keep.
--   SELECT impl.switch_on_shards('text', now(), '{"passed": true}', NULL, false, false);
CREATE OR REPLACE FUNCTION impl.switch_on_shards(
    space text,
    as_of timestamptz,
    evaluation jsonb,
    cutoff real,
    accept_failures boolean,
    force boolean)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    away CONSTANT int[] := impl.space_shards(space);
BEGIN
    IF away <> '{}' THEN
        PERFORM impl.write_on_shards(away, ARRAY[format(
            'SELECT ops.switch_home(%L, %s, %L, %L, %L, %L, %L)::text', space, (
                SELECT s.generation FROM ops.space AS s WHERE s.name = space AND s.status = 'live'),
            as_of, evaluation, cutoff, accept_failures, force)]);
    END IF;
END $$;

COMMENT ON FUNCTION impl.switch_on_shards(text, timestamptz, jsonb, real, boolean, boolean) IS
    'Makes the built generation of a space the live one on all shards, or on none.';
