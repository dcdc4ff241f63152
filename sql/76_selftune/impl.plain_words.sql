-- Words of a text as people say them, each once: folded, of letters and digits, from two characters (of
-- ASCII from three) and not of digits alone, Korean words of three syllables or more without a common
-- particle at the end. Unlike lexemes these are whole words: Hangul is not taken apart.
--   SELECT impl.plain_words('진공펌프를 4대 교체: vacuum pumps');
CREATE OR REPLACE FUNCTION impl.plain_words(said text)
RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT array_agg(DISTINCT w.word COLLATE "C")
    FROM regexp_split_to_table(impl.fold_text(said), '[^[:alnum:]가-힣]+') AS t(typed)
    CROSS JOIN LATERAL (SELECT regexp_replace(
        t.typed, '(?<=[가-힣]{2})(으로서|으로써|에서는|에게|에서|으로|부터|까지|이나|[은는이가을를의에로와과도만])$',
        '')
        AS word) AS w
    WHERE length(w.word) BETWEEN 2 AND 40 AND w.word !~ '^[0-9]+$'
      AND (length(w.word) > 2 OR w.word ~ '[^ -~]')
$$;

COMMENT ON FUNCTION impl.plain_words(text) IS
    'Whole words of a text, folded, each once; Korean ones without particles.';
