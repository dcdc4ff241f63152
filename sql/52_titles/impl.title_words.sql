-- Words (w) of a title and phrases (p) of two neighbours, folded. Numbers, English stop words, single Latin
-- letters and what is longer than 40 characters are left out. Whoever changes what this gives empties
-- core.title and core.completion in a revision and marks the collections as stale: counts that were added by
-- one rule cannot be taken away by another. No SET: inlined into the calling statement.
--   SELECT * FROM impl.title_words('진공 펌프, sealed');
CREATE OR REPLACE FUNCTION impl.title_words(title text)
RETURNS TABLE (source text, text text)
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 10
AS $$
    WITH word AS (
        SELECT m.no, m.hit[1] AS word,
               length(m.hit[1]) <= 40 AND m.hit[1] COLLATE "C" !~ '^([0-9.,/_-]+|[a-z])$'
               AND NOT (m.hit[1] COLLATE "C" ~ '^[a-z]+$'
                        AND ts_lexize('english_stem', m.hit[1]) = '{}') AS good
        FROM regexp_matches(impl.fold_text(title_words.title) COLLATE "C",
                            '((?:[-.,_/+#&]?[' || impl.letters() || '])+[+#]*)', 'g')
            WITH ORDINALITY AS m(hit, no)
    ), pair AS (
        SELECT w.word, w.good, lead(w.word) OVER o AS next, lead(w.good) OVER o AS next_good
        FROM word AS w WINDOW o AS (ORDER BY w.no)
    )
    SELECT 'w', p.word FROM pair AS p WHERE p.good
    UNION
    SELECT 'p', p.word || ' ' || p.next FROM pair AS p WHERE p.good AND p.next_good
$$;

COMMENT ON FUNCTION impl.title_words(text) IS 'Words and phrases of a title, folded, each once.';
