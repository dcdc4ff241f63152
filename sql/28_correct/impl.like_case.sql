-- Writes a word in capitals, or with the first one, as another is written. No SET: inlined into the calling
-- expression.
--   SELECT impl.like_case('VACUM', 'vacuum'), impl.like_case('Vacum', 'vacuum');   -- VACUUM, Vacuum
CREATE OR REPLACE FUNCTION impl.like_case(typed text, word text)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT CASE WHEN typed = lower(typed) THEN word
                WHEN length(typed) > 1 AND typed = upper(typed) THEN upper(word)
                WHEN left(typed, 1) <> lower(left(typed, 1)) THEN upper(left(word, 1)) || substr(word, 2)
                ELSE word END
$$;

COMMENT ON FUNCTION impl.like_case(text, text) IS 'A word with the capitals of another.';
