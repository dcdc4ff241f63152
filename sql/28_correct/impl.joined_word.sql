-- Word of a vocabulary that two neighbours of a query are together, if they were meant as one: the second is
-- no word there, or the first none and the beginning of none but of this one; or both are single syllables or
-- letters. NULL otherwise. n: items that have it.
--   SELECT * FROM impl.joined_word(1, 'boo', 'ster');
CREATE OR REPLACE FUNCTION impl.joined_word(
    vocabulary_id int,
    word text,
    behind text,
    OUT joined text,
    OUT n int)
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT w.word, w.n FROM core.word AS w
    WHERE w.vocabulary_id = joined_word.vocabulary_id AND w.word = joined_word.word || behind
      -- Sub-selects with LIMIT stop at the first word; a condition with OR would read all that begin so.
      AND (length(w.word) = 2
           OR length(behind) > 1
              AND (SELECT true FROM core.word AS o
                   WHERE o.vocabulary_id = joined_word.vocabulary_id AND o.word = behind LIMIT 1) IS NULL
           OR length(joined_word.word) > 1
              AND (SELECT true FROM core.word AS o WHERE o.vocabulary_id = joined_word.vocabulary_id
                   AND o.word >= joined_word.word AND o.word < w.word LIMIT 1) IS NULL
              AND (SELECT true FROM core.word AS o WHERE o.vocabulary_id = joined_word.vocabulary_id
                   AND o.word > w.word || E'\uFFFD' AND o.word < joined_word.word || E'\uFFFD'
                   LIMIT 1) IS NULL)
$$;

COMMENT ON FUNCTION impl.joined_word(int, text, text) IS
    'Word of a vocabulary that two neighbours of a query are together.';
