-- Label of a generation that stays readable after its row is deleted: name, generation and model.
--   SELECT impl.generation_label(impl.live_space('text'));
CREATE OR REPLACE FUNCTION impl.generation_label(space ops.space)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$ SELECT format('%s@%s by %s', space.name, space.generation, space.identity) $$;

COMMENT ON FUNCTION impl.generation_label(ops.space) IS 'Label of a generation: name, generation and model.';
