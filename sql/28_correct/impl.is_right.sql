-- Tests whether a word needs no correction in a collection. It does not if the vocabulary has it; if the
-- lexical index has its only token, which tells inflected English words and new items at once; or, in Hangul,
-- if it is the beginning of a word there (펌프 of 펌프를), or such a word with particles or endings
-- (impl.is_ending), or with another word behind it, unless these two stand there with a space between.
--   SELECT impl.is_right(1, impl.live_index('parts'), 'pumps');
CREATE OR REPLACE FUNCTION impl.is_right(vocabulary_id int, x core.lexical_index, word text)
RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = 'force_generic_plan'
AS $$
#variable_conflict use_column
DECLARE
    above CONSTANT text := E'\uFFFD';  -- sorts behind all letters
    hangul CONSTANT boolean := is_right.word COLLATE "C" ~ '[가-힣]';
    tokens text[];
BEGIN
    IF EXISTS (SELECT FROM core.word AS w
               WHERE w.vocabulary_id = is_right.vocabulary_id AND w.word = is_right.word) THEN
        RETURN true;
    ELSIF NOT hangul OR x.analyzer <> 'korean' THEN
        tokens := search.analyze(x.analyzer, is_right.word);
        RETURN tokens = '{}' OR impl.index_has(x, tokens[1]);
    END IF;
    RETURN EXISTS (
        SELECT FROM core.word AS w
        WHERE w.vocabulary_id = is_right.vocabulary_id
          AND w.word > is_right.word AND w.word < is_right.word || above
    ) OR EXISTS (
        -- Sub-selects with LIMIT are not turned into a hash of all words.
        SELECT FROM generate_series(2, length(is_right.word) - 1) AS at
        CROSS JOIN LATERAL (
            SELECT left(is_right.word, at) AS stem, substr(is_right.word, at + 1) AS rest) AS s
        WHERE (SELECT true FROM core.word AS w WHERE w.vocabulary_id = is_right.vocabulary_id
               AND w.word >= s.stem AND w.word < s.stem || above LIMIT 1)
          AND (impl.is_ending(s.rest)
               OR length(s.rest) > 1
                  AND (SELECT true FROM core.word AS w
                       WHERE w.vocabulary_id = is_right.vocabulary_id AND w.word = s.rest LIMIT 1)
                  AND (SELECT true FROM core.word_pair AS p WHERE p.vocabulary_id = is_right.vocabulary_id
                       AND p.joined = is_right.word LIMIT 1) IS NULL)
    );
END $$;

COMMENT ON FUNCTION impl.is_right(int, core.lexical_index, text) IS
    'Tests whether a word needs no correction in a collection.';
