-- Composes letters of the two-set keyboard into Hangul syllables, as an input method does: a consonant before
-- a vowel begins a syllable, others end the one before where they can. Inverse of impl.jamo for texts of
-- whole syllables. Letters that make no syllable stay (ㅈㄱ), and so does all other text.
--   SELECT impl.compose_jamo('ㄱㅏㅂㅅㅇㅣ ㅍㅓㅁㅍ');   -- 값이 펌ㅍ
CREATE OR REPLACE FUNCTION impl.compose_jamo(letters text)
RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE WHEN letters COLLATE "C" !~ '[ㄱ-ㅎ][ㅏ-ㅣ]' THEN letters ELSE (
        SELECT string_agg(
            CASE WHEN m.part[1] IS NULL THEN m.part[4]
                 -- The syllables of Unicode: 19 leading consonants x 21 vowels x (no final and 27 finals).
                 ELSE chr(44032 + 588 * (position(m.part[1] IN 'ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ') - 1)
                      + 28 * (array_position('{ㅏ,ㅐ,ㅑ,ㅒ,ㅓ,ㅔ,ㅕ,ㅖ,ㅗ,ㅗㅏ,ㅗㅐ,ㅗㅣ,ㅛ,ㅜ,ㅜㅓ,ㅜㅔ,ㅜㅣ,ㅠ,ㅡ,ㅡㅣ,ㅣ}'::text[],
                                             m.part[2]) - 1)
                      + coalesce(array_position(('{ㄱ,ㄲ,ㄱㅅ,ㄴ,ㄴㅈ,ㄴㅎ,ㄷ,ㄹ,ㄹㄱ,ㄹㅁ,ㄹㅂ,ㄹㅅ,ㄹㅌ,'
                                                 'ㄹㅍ,ㄹㅎ,ㅁ,ㅂ,ㅂㅅ,ㅅ,ㅆ,ㅇ,ㅈ,ㅊ,ㅋ,ㅌ,ㅍ,ㅎ}')::text[],
                                                m.part[3]), 0)) END, '' ORDER BY m.no)
        FROM regexp_matches(letters COLLATE "C",
            '([ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇ-ㅎ])(ㅗ[ㅏㅐㅣ]|ㅜ[ㅓㅔㅣ]|ㅡㅣ|[ㅏ-ㅗㅛㅜㅠㅡㅣ])'
            '((?:ㄱㅅ|ㄴ[ㅈㅎ]|ㄹ[ㄱㅁㅂㅅㅌㅍㅎ]|ㅂㅅ|[ㄱㄲㄴㄷㄹㅁㅂㅅㅆㅇㅈㅊ-ㅎ])(?![ㅏ-ㅣ]))?|(.)', 'g') WITH ORDINALITY
            AS m(part, no)) END
$$;

COMMENT ON FUNCTION impl.compose_jamo(text) IS
    'Letters of the two-set keyboard composed into Hangul syllables; the inverse of impl.jamo.';
