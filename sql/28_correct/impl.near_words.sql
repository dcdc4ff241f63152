-- Words of a vocabulary near to a mistyped one, the nearest and most frequent first: one edit apart from four
-- letters, two from eight (impl.edit_distance). Hangul counts by the letters of the keyboard. Candidates are
-- found by deletion keys (impl.typo_keys); of those whose length fits, the most frequent are compared: 100
-- that share a key of each stretch; where none of these is near enough, 40 that share one of either, since
-- two edits may be in one stretch.
--   SELECT * FROM impl.near_words(1, 'vacum');
CREATE OR REPLACE FUNCTION impl.near_words(vocabulary_id int, typed text)
RETURNS TABLE (word text, n int, edits int)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 10
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = 'force_custom_plan'
AS $$
#variable_conflict use_column
DECLARE
    wanted CONSTANT text := impl.split_hangul(typed);
    letter_n CONSTANT int := length(wanted);
    most CONSTANT int := CASE WHEN letter_n >= 8 THEN 2 WHEN letter_n >= 4 THEN 1 ELSE 0 END;
    first CONSTANT int[] := impl.typo_keys(near_words.vocabulary_id, typed, '<');
    -- A word one letter shorter may have no second stretch.
    last CONSTANT int[] := CASE WHEN letter_n >= 9 THEN impl.typo_keys(near_words.vocabulary_id, typed, '>')
                                ELSE first END;
BEGIN
    IF most = 0 OR letter_n > 60 THEN
        RETURN;
    END IF;
    RETURN QUERY
    SELECT c.word, c.n, e.edits
    FROM (
        SELECT w.word, w.n, s.letters FROM core.word AS w
        CROSS JOIN LATERAL (SELECT impl.split_hangul(w.word) AS letters OFFSET 0) AS s
        WHERE impl.typo_keys(w.vocabulary_id, w.word) && first
          AND impl.typo_keys(w.vocabulary_id, w.word) && last
          AND w.vocabulary_id = near_words.vocabulary_id AND w.word <> typed
          -- Looked at before letters are counted; a letter more may open two syllables.
          AND abs(length(w.word) - length(typed)) <= most + 2
          AND abs(length(s.letters) - letter_n) <= most
        ORDER BY w.n DESC, w.word LIMIT 100
    ) AS c
    CROSS JOIN LATERAL (SELECT impl.edit_distance(wanted, c.letters, most) AS edits OFFSET 0) AS e
    WHERE e.edits <= most
    ORDER BY e.edits, c.n DESC, c.word;
    IF FOUND OR letter_n < 9 THEN
        RETURN;
    END IF;
    RETURN QUERY
    SELECT c.word, c.n, e.edits
    FROM (
        SELECT w.word, w.n, s.letters FROM core.word AS w
        CROSS JOIN LATERAL (SELECT impl.split_hangul(w.word) AS letters OFFSET 0) AS s
        WHERE impl.typo_keys(w.vocabulary_id, w.word) && (first || last)
          AND w.vocabulary_id = near_words.vocabulary_id
          AND abs(length(w.word) - length(typed)) <= most + 2 AND abs(length(s.letters) - letter_n) <= most
        ORDER BY w.n DESC, w.word LIMIT 40
    ) AS c
    CROSS JOIN LATERAL (SELECT impl.edit_distance(wanted, c.letters, most) AS edits OFFSET 0) AS e
    WHERE e.edits <= most
    ORDER BY c.n DESC, c.word;
END $$;

COMMENT ON FUNCTION impl.near_words(int, text) IS
    'Words of a vocabulary within one or two edits of a mistyped word.';
