-- Folds a text (impl.fold_text: NFKC, lower case) and replaces its Hangul by the letters as they are typed,
-- so that a word of which some letters are typed is a prefix of the whole (진고 of 진공, 펌ㅍ of 펌프).
-- No SET: inlined into the calling expression.
--   SELECT impl.jamo('진공 펌ㅍ A1');   -- ㅈㅣㄴㄱㅗㅇ ㅍㅓㅁㅍ a1
CREATE OR REPLACE FUNCTION impl.jamo(raw text)
RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT impl.split_hangul(impl.fold_text(raw))
$$;

COMMENT ON FUNCTION impl.jamo(text) IS
    'A text folded, its Hangul as the letters of the two-set keyboard in their order of typing.';
