-- Folds a text and reduces each Hangul syllable to its initial consonant; spaces and other text stay. Vowels
-- that stand alone go. No SET: called for each word of a vocabulary, and SET would cost half as much again.
--   SELECT impl.initials('진공 펌프 P1');   -- ㅈㄱ ㅍㅍ p1
CREATE OR REPLACE FUNCTION impl.initials(raw text)
RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT CASE WHEN octet_length(raw) = length(raw) THEN impl.fold_text(raw) ELSE normalize(translate(
        regexp_replace(normalize(impl.fold_text(raw), NFD) COLLATE "C",
                       E'[\u1161-\u1175\u11A8-\u11C2]+', '', 'g'),
        E'\u1100\u1101\u1102\u1103\u1104\u1105\u1106\u1107\u1108\u1109'
        '\u110A\u110B\u110C\u110D\u110E\u110F\u1110\u1111\u1112',
        'ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ'), NFC) END
$$;

COMMENT ON FUNCTION impl.initials(text) IS
    'A text folded, its Hangul syllables reduced to their initial consonants; spaces stay.';
