-- Tokenises a text for the lexical index, in order; documents and queries alike.
--   simple   runs of letters and digits, whatever the script
--   english  the same, Latin words stemmed (Snowball), stop words dropped
--   korean   as english, and runs of Hangul, of Han and of kana -> character bigrams (a single one stays)
-- In english and korean a run of letters and digits also gives its parts: nry1kh000 -> nry1kh000, nry, 1, kh,
-- 000. A point between digits belongs to the run (3.5mm -> 3.5mm, 3.5, 3, 5, mm), and commas between
-- thousands go (1,000 is 1000). C++, C# and A+ keep their signs and give the word without them as well.
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
    letter CONSTANT text :=
        E'[a-z\u00AA\u00B5\u00BA\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u1FFF\u2C00-\u2DFF\uA000-\uABFF]';
    unit CONSTANT text := letter || '|[0-9]+(?:[.][0-9]+)*';
    -- Thousands with commas, runs, and words that end in a sign.
    pointed_run CONSTANT text := letter || '*[0-9]{1,3}(?:,[0-9]{3})+(?:[.][0-9]+)*(?![0-9])(?:' || letter
        || '(?:' || unit || ')*)?'
        '|(?:' || unit || ')+'
        '|(?:' || unit || ')*' || letter || '(?:[+][+](?!' || letter || '|[+#])|[+#](?!' || letter
            || '|[0-9+#]))';
    folded CONSTANT text := impl.fold_text(raw);
    -- Most texts have nothing of it, and are read faster without.
    pointed CONSTANT boolean := coalesce(folded ~ E'[0-9][.,][0-9]|[^ -.:-@\\[-`{-\u00A9][+#]', false);
    tokens text[];
BEGIN
    IF analyzer IS NULL OR analyzer NOT IN ('simple', 'english', 'korean') THEN
        RAISE EXCEPTION 'unknown analyzer: %', analyzer
            USING ERRCODE = 'SG004', HINT = 'The analyzers are simple, english and korean.';
    END IF;
    WITH run AS (
        SELECT spelt, word, at, CASE
            WHEN word ~ E'^[\u1100-\uFAFF]' AND word !~ E'^[\u1100-\u2DFF\uA000-\uABFF]' THEN 'cjk'
            WHEN word ~ '^[a-z]+$' THEN 'latin'
            WHEN word ~ '[0-9]' AND word ~ '[^0-9]' THEN 'code'
            END AS kind
        FROM (
            SELECT hit[1] AS spelt, CASE WHEN pointed THEN translate(hit[1], ',+#', '')
                                         ELSE hit[1] END AS word, at
            FROM regexp_matches(folded COLLATE "C",
                E'[가-힣]+'
                '|[\u2E80-\u2FFF\u3005\u3041-\u30FF\u3400-\u9FFF\uF900-\uFAFF]+'
                '|' || CASE WHEN pointed THEN pointed_run ELSE '[0-9' || substr(letter, 2) || '+' END ||
                E'|[^\u0001-\u00BF\u00D7\u00F7\u2000-\u206F\u3000-\u303F\uFE00-\uFE0F'
                '\uFE30-\uFE6F\uFEFF-\uFFFF]', 'g') WITH ORDINALITY AS r(hit, at)
            OFFSET 0
        ) AS r
    )
    SELECT coalesce(array_agg(left(token, 64) ORDER BY at, part), '{}') INTO tokens
    FROM run
    CROSS JOIN LATERAL (
        SELECT spelt AS token, -1::bigint AS part
        WHERE pointed AND right(spelt, 1) IN ('+', '#')
        UNION ALL
        SELECT word AS token, 0 AS part
        WHERE kind IS NULL OR kind = 'code' OR analyzer = 'simple'
           OR (kind = 'cjk' AND (analyzer = 'english' OR length(word) = 1))
        UNION ALL
        SELECT stem, 0 FROM unnest(ts_lexize('english_stem', word)) AS stem
        WHERE kind = 'latin' AND analyzer <> 'simple'
        UNION ALL
        SELECT substr(word, i, 2), i FROM generate_series(1, length(word) - 1) AS i
        WHERE kind = 'cjk' AND analyzer = 'korean' AND length(word) <= 1000
        UNION ALL
        -- substr walks from the start of its text: a run without spaces is cut first, or it would cost its
        -- square.
        SELECT substr(c.piece, i, 2), c.at * 1000 + i
        FROM (SELECT substr(word, at * 1000 + 1, 1001) AS piece, at
              FROM generate_series(0, (length(word) - 2) / 1000) AS at OFFSET 0) AS c
        CROSS JOIN LATERAL generate_series(1, length(c.piece) - 1) AS i
        WHERE kind = 'cjk' AND analyzer = 'korean' AND length(word) > 1000
        UNION ALL
        SELECT coalesce((ts_lexize('english_stem', p.hit[1]))[1], p.hit[1]), p.i * 1000000
        FROM regexp_matches(word, '[0-9.]+|[^0-9.]+', 'g') WITH ORDINALITY AS p(hit, i)
        WHERE kind = 'code' AND analyzer <> 'simple' AND p.hit[1] <> word
        UNION ALL
        SELECT d.digits, p.i * 1000000 + d.i
        FROM regexp_matches(word, '[0-9.]+|[^0-9.]+', 'g') WITH ORDINALITY AS p(hit, i)
        CROSS JOIN LATERAL string_to_table(p.hit[1], '.') WITH ORDINALITY AS d(digits, i)
        WHERE pointed AND kind = 'code' AND analyzer <> 'simple' AND position('.' IN p.hit[1]) > 0
    ) AS part;
    RETURN tokens;
END $$;

COMMENT ON FUNCTION search.analyze(text, text) IS
    'Tokens of a text under an analyzer (simple, english, korean): the terms of the lexical index and of its '
    'queries.';
