-- True for a term with parts (impl.term_parts). No SET: inlined into the calling statement.
--   SELECT impl.has_parts(E'\x1f1 sea*'), impl.has_parts('seal');   -- true, false
CREATE OR REPLACE FUNCTION impl.has_parts(term text)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT starts_with(term, E'\x1f') $$;

COMMENT ON FUNCTION impl.has_parts(text) IS 'True for a term with parts.';
