-- The letters of a token of a vocabulary, without what its tokenizer marks the place in a word with, as
-- impl.bare_text writes them.
--   SELECT impl.bare_token('##ing'), impl.bare_token('▁pump');   -- ing, pump
CREATE OR REPLACE FUNCTION impl.bare_token(token text)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$ SELECT impl.bare_text(regexp_replace(bare_token.token, '^(##|▁|Ġ)', '')) $$;

COMMENT ON FUNCTION impl.bare_token(text) IS 'The letters of a token of a vocabulary.';
