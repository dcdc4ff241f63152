-- Replaces Hangul syllables and conjoining jamo by the letters of the two-set keyboard, in the order in which
-- they are typed: compound vowels and double finals in two (과: ㄱㅗㅏ; 값: ㄱㅏㅂㅅ), doubled consonants as one
-- key (ㄲ). Old Hangul and all other text stay, in NFC. No SET: called for each word of a vocabulary, and SET
-- would cost half as much again.
--   SELECT impl.split_hangul('과일 값');   -- ㄱㅗㅏㅇㅣㄹ ㄱㅏㅂㅅ
CREATE OR REPLACE FUNCTION impl.split_hangul(raw text)
RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
    -- Leading consonants, vowels and finals of Unicode, each in its order.
    conjoining CONSTANT text := E'\u1100\u1101\u1102\u1103\u1104\u1105\u1106\u1107\u1108\u1109\u110A\u110B'
        '\u110C\u110D\u110E\u110F\u1110\u1111\u1112\u1161\u1162\u1163\u1164\u1165\u1166\u1167\u1168\u1169'
        '\u116A\u116B\u116C\u116D\u116E\u116F\u1170\u1171\u1172\u1173\u1174\u1175\u11A8\u11A9\u11AA\u11AB'
        '\u11AC\u11AD\u11AE\u11AF\u11B0\u11B1\u11B2\u11B3\u11B4\u11B5\u11B6\u11B7\u11B8\u11B9\u11BA\u11BB'
        '\u11BC\u11BD\u11BE\u11BF\u11C0\u11C1\u11C2';
    letters CONSTANT text := 'ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ'
        'ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ';
    split text;
BEGIN
    IF octet_length(raw) = length(raw) THEN
        RETURN raw;
    END IF;
    split := translate(normalize(raw, NFD), conjoining, letters);
    IF split COLLATE "C" ~ '[ㅘ-ㅚㅝ-ㅟㅢ]' THEN
        split := replace(replace(replace(replace(replace(replace(replace(split, 'ㅘ', 'ㅗㅏ'), 'ㅙ', 'ㅗㅐ'),
            'ㅚ', 'ㅗㅣ'), 'ㅝ', 'ㅜㅓ'), 'ㅞ', 'ㅜㅔ'), 'ㅟ', 'ㅜㅣ'), 'ㅢ', 'ㅡㅣ');
    END IF;
    IF split COLLATE "C" ~ '[ㄳㄵㄶㄺ-ㅀㅄ]' THEN
        split := replace(replace(replace(replace(split, 'ㄳ', 'ㄱㅅ'), 'ㄵ', 'ㄴㅈ'), 'ㄶ', 'ㄴㅎ'), 'ㅄ', 'ㅂㅅ');
        split := replace(replace(replace(replace(replace(replace(replace(split, 'ㄺ', 'ㄹㄱ'), 'ㄻ', 'ㄹㅁ'),
            'ㄼ', 'ㄹㅂ'), 'ㄽ', 'ㄹㅅ'), 'ㄾ', 'ㄹㅌ'), 'ㄿ', 'ㄹㅍ'), 'ㅀ', 'ㄹㅎ');
    END IF;
    RETURN normalize(split, NFC);
END $$;

COMMENT ON FUNCTION impl.split_hangul(text) IS
    'Hangul syllables as the letters of the two-set keyboard in their order of typing; other text in NFC.';
