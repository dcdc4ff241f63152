-- Converts a text typed with the input method in the wrong state: Latin letters to the Hangul that the same
-- keys of the two-set keyboard give, and Hangul to Latin letters. Shift counts where it makes another letter
-- (R: ㄲ): lower a text before that was typed in capitals.
-- Give it a word rather than a query of which one word is wrong.
--   SELECT impl.other_keyboard('wlsrhd'), impl.other_keyboard('ㅔㅕㅡㅔ');   -- 진공, pump
CREATE OR REPLACE FUNCTION impl.other_keyboard(typed text)
RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT impl.compose_jamo(translate(
        impl.split_hangul(normalize(impl.visible(typed), NFKC)),
        'qwertyuiopasdfghjklzxcvbnmQWERTYUIOPASDFGHJKLZXCVBNM'
        'ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔㅁㄴㅇㄹㅎㅗㅓㅏㅣㅋㅌㅊㅍㅠㅜㅡㅃㅉㄸㄲㅆㅒㅖ',
        'ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔㅁㄴㅇㄹㅎㅗㅓㅏㅣㅋㅌㅊㅍㅠㅜㅡㅃㅉㄸㄲㅆㅛㅕㅑㅒㅖㅁㄴㅇㄹㅎㅗㅓㅏㅣㅋㅌㅊㅍㅠㅜㅡ'
        'qwertyuiopasdfghjklzxcvbnmQWERTOP'))
$$;

COMMENT ON FUNCTION impl.other_keyboard(text) IS
    'A text as the same keys give it on the other one of the two-set and the Latin keyboard.';
