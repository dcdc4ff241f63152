-- Creates a generation of a space that was made here on the shards of the collections that feed it
-- (impl.home_space_on).
--   SELECT impl.create_on_shards((impl.live_space('text')).id);
CREATE OR REPLACE FUNCTION impl.create_on_shards(space_id int)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    s CONSTANT ops.space := (SELECT o FROM ops.space AS o WHERE o.id = space_id);
    away CONSTANT int[] := impl.space_shards(s.name);
BEGIN
    IF away <> '{}' THEN
        PERFORM impl.home_space_on(away, s);
    END IF;
END $$;

COMMENT ON FUNCTION impl.create_on_shards(int) IS
    'Creates a generation of a space on the shards of the collections that feed it.';
