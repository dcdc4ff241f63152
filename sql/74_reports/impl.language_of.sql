-- Language of a text, by its letters: ko where at least a fifth of them are Hangul (Korean technical text is
-- full of Latin names), else en where there are Latin ones, else other. Latin letters of formulas, tags and
-- addresses do not count (impl.without_markup); Hangul counts everywhere, since nobody writes commands in it.
--   SELECT impl.language_of('진공 펌프 iXH1210');
CREATE OR REPLACE FUNCTION impl.language_of(words text)
RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE WHEN n.hangul > 0 AND 5 * n.hangul >= n.hangul + n.latin THEN 'ko'
                WHEN n.latin > 0 THEN 'en' ELSE 'other' END
    FROM (SELECT length(regexp_replace(normalize(words, NFC), '[^가-힣]', '', 'g')) AS hangul,
                 length(regexp_replace(impl.without_markup(words), '[^a-zA-Z]', '', 'g')) AS latin) AS n
$$;

COMMENT ON FUNCTION impl.language_of(text) IS 'Language of a text, by its letters: ko, en or other.';
