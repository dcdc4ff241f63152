-- A generation in words that outlive its row.
--   SELECT impl.generation_label(impl.live_space('text'));
CREATE OR REPLACE FUNCTION impl.generation_label(space ops.space)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT format('%s@%s by %s', space.name, space.generation, space.identity) $$;

COMMENT ON FUNCTION impl.generation_label(ops.space) IS 'Name, generation and model of a generation.';
