-- Tests a key of impl.name_key for being long enough to be looked for in what was read on a plate: three
-- characters, or two syllables of Hangul.
--   SELECT impl.is_name('smc'), impl.is_name('삼성'), impl.is_name('ls');   -- true, true, false
CREATE OR REPLACE FUNCTION impl.is_name(key text)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(key COLLATE "C" ~ '[^ ].*[^ ].*[^ ]|[가-힣].*[가-힣]', false) AND length(key) <= 100
$$;

COMMENT ON FUNCTION impl.is_name(text) IS 'Tests that a name is long enough to be looked for in a text.';
