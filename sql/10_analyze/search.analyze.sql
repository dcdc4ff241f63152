-- Tokenises a text for the lexical index, in order; documents and queries alike.
--   simple   runs of letters and digits, whatever the script
--   english  the same, Latin words stemmed (Snowball), stop words dropped
--   korean   as english, and runs of Hangul, of Han and of kana -> character bigrams (a single one stays)
--   korean_syllables  as korean, and a Korean word of three syllables or more also gives its last one,
--            without its particle: 암 finds 모니터암. For catalogues of short names: long texts rank worse by it
-- In english and korean a run of letters and digits also gives its parts: nry1kh000 -> nry1kh000, nry, 1, kh,
-- 000. A point between digits belongs to the run (3.5mm -> 3.5mm, 3.5, 3, 5, mm), and commas between
-- thousands go (1,000 is 1000). Fractions, Korean thousands, units and names with points are spelled one way
-- first (impl.fold_words). C++, C# and A+ keep their signs and give the word without them as well.
-- A character that is neither letter, digit, space nor punctuation (∠, √, an emoji) is a token of its own.
-- A token is cut after 64 characters. Ranges instead of classes such as [[:alpha:]], and collation "C": the
-- tokens must not depend on the locale of the database.
--   SELECT search.analyze('korean', '진공 펌프 seals NRY1KH000');
CREATE OR REPLACE FUNCTION search.analyze(analyzer text, raw text)
RETURNS text[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = 'force_generic_plan'
AS $$
DECLARE
    token_n CONSTANT int := 64;
    folded text;
    runs text[];
BEGIN
    IF analyzer IS NULL OR analyzer NOT IN ('simple', 'english', 'korean', 'korean_syllables') THEN
        RAISE EXCEPTION 'unknown analyzer: %', analyzer
            USING ERRCODE = 'SG004', HINT = 'The analyzers are simple, english, korean and korean_syllables.';
    END IF;
    folded := impl.fold_words(analyzer, raw);
    runs := impl.text_runs(folded);
    -- Arrays are read and written in order, without a sort, and a run is only looked at as far as its text
    -- needs it: a text of plain words takes a sixth of the time of the last statement.
    IF analyzer = 'simple' AND folded COLLATE "C" !~ '[0-9],[0-9]|[+#]' THEN
        RETURN ARRAY(SELECT left(run, token_n) FROM unnest(runs) AS run WHERE run <> '');
    ELSIF analyzer <> 'simple' AND folded COLLATE "C"
            !~ E'[^\u0001-\u007F\u2000-\u206F]|[0-9][a-z.,]|[a-z][0-9+#]' THEN
        RETURN array_remove(ARRAY(SELECT left((ts_lexize('english_stem', run))[1], token_n)
                                  FROM unnest(runs) AS run WHERE run <> ''), NULL);
    END IF;
    RETURN ARRAY(
        SELECT left(unnest(CASE
            WHEN run COLLATE "C" ~ '^[a-z]+$' THEN
                CASE analyzer WHEN 'simple' THEN ARRAY[run] ELSE ts_lexize('english_stem', run) END
            -- Hangul, Han and kana; symbols are among them.
            WHEN run COLLATE "C" >= E'\u2E00' AND run COLLATE "C" < E'\uA000'
                OR run COLLATE "C" >= E'\uAC00' AND run COLLATE "C" < E'\uFB00' THEN
                CASE WHEN analyzer NOT LIKE 'korean%' OR length(run) = 1 THEN ARRAY[run]
                     WHEN analyzer = 'korean_syllables' AND run COLLATE "C" >= '가' AND length(run) <= 1000
                         THEN array_remove(search.analyze('korean', run) || impl.last_syllable(run), NULL)
                     -- Nearly all; a statement for each would take half of the time.
                     WHEN length(run) <= 8
                         THEN (ARRAY[left(run, 2), substr(run, 2, 2), substr(run, 3, 2), substr(run, 4, 2),
                                     substr(run, 5, 2), substr(run, 6, 2), substr(run, 7)])[: length(run) - 1]
                     -- substr walks from the start of its text: a run without spaces is cut first, or it
                     -- would cost its square.
                     ELSE ARRAY(
                         SELECT substr(c.piece, i, 2)
                         FROM (SELECT substr(run, at * 1000 + 1, 1001) AS piece
                               FROM generate_series(0, (length(run) - 2) / 1000) AS at OFFSET 0) AS c
                         CROSS JOIN LATERAL generate_series(1, length(c.piece) - 1) AS i) END
            WHEN run COLLATE "C" ~ '[.,+#]|[0-9][^0-9]|[^0-9][0-9]' THEN impl.code_tokens(run, analyzer)
            ELSE ARRAY[run] END), token_n)
        FROM unnest(runs) AS run WHERE run <> '');
END $$;

COMMENT ON FUNCTION search.analyze(text, text) IS
    'Tokens of a text under an analyzer (simple, english, korean, korean_syllables): the terms of the '
    'lexical index and of its queries.';
