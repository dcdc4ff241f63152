-- Short mark of the fields that titles are read from. A row of core.title with another mark than its
-- collection has now is read again. No SET: inlined.
--   SELECT impl.title_recipe('{title,name}');
CREATE OR REPLACE FUNCTION impl.title_recipe(title_fields text[])
RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$ SELECT left(md5(array_to_string(title_fields, E'\n')), 8) $$;

COMMENT ON FUNCTION impl.title_recipe(text[]) IS 'Short mark of the fields that titles are read from.';
