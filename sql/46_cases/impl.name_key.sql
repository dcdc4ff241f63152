-- A name as words between single spaces, for finding it in a text: folded (impl.fold_text), everything but
-- letters and digits of any script is a space.
--   SELECT impl.name_key('LS-ELECTRIC (주)');   -- ls electric 주
CREATE OR REPLACE FUNCTION impl.name_key(name text)
RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT btrim(regexp_replace(impl.fold_text(name), '[^' || impl.letters() || ']+', ' ', 'g'))
$$;

COMMENT ON FUNCTION impl.name_key(text) IS 'A name in folded words with single spaces between them.';
