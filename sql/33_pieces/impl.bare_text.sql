-- A text as the tokens of vocabularies are compared with it: small letters without accents, compatible forms
-- taken apart.
--   SELECT impl.bare_text('Café');   -- cafe
CREATE OR REPLACE FUNCTION impl.bare_text(text text)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT lower(regexp_replace(normalize(bare_text.text, NFKD), '[' || impl.accents() || ']', '', 'g'))
$$;

COMMENT ON FUNCTION impl.bare_text(text) IS 'A text in small letters without accents.';
