-- Deletion keys of a word, by which it is found when mistyped: its first seven letters and, of a longer word,
-- its last seven, whole and with one letter deleted, hashed with the vocabulary. Hangul counts by the letters
-- of the keyboard (impl.split_hangul). Words one edit apart share a key of each stretch that both have; so do
-- most words two edits apart, those with both edits in one stretch excepted.
-- Method: symmetric deletion (W. Garbe, SymSpell, 2012; T. Bocek, E. Hunt, B. Stiller, Fast similarity search
-- in large dictionaries, 2007), on stretches as in impl.identifier_keys. No SET: called for each word of a
-- vocabulary, and SET would cost a tenth.
--   SELECT impl.typo_keys(1, 'pump', '<');
CREATE OR REPLACE FUNCTION impl.typo_keys(vocabulary_id int, word text, stretch text DEFAULT NULL)
RETURNS int[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT array_agg(DISTINCT hashtext(
        vocabulary_id || s.sign
        || CASE at WHEN 0 THEN s.part ELSE overlay(s.part PLACING '' FROM at FOR 1) END))
    FROM (SELECT impl.split_hangul(word) AS letters OFFSET 0) AS w
    CROSS JOIN LATERAL (
        VALUES ('<', left(w.letters, 7)), ('>', CASE WHEN length(w.letters) > 7 THEN right(w.letters, 7) END)
    ) AS s(sign, part)
    CROSS JOIN generate_series(0, length(s.part)) AS at
    WHERE s.part IS NOT NULL AND (stretch IS NULL OR s.sign = stretch)
$$;

COMMENT ON FUNCTION impl.typo_keys(int, text, text) IS
    'Deletion keys of a word of a vocabulary: it shares one with words one edit apart.';
