-- Candidates for what a mistyped word means, the likeliest first: `how` typing, keyboard (typed with the
-- other keyboard) or spacing (two words typed as one). n: items that have it, or both side by side.
-- The likelihood is that of a noisy channel (Kernighan, Church, Gale, A spelling correction program, 1990):
-- the logarithm of n, less a cost per edit; a pair with a neighbour that the vocabulary has counts for it.
-- sure: there is such a pair, or the word was typed with the other keyboard, or two were typed as one.
-- Hangul is also looked up without its particles (impl.is_particle), which are kept.
--   SELECT * FROM impl.word_corrections(1, 'vacum', NULL, 'pump');
CREATE OR REPLACE FUNCTION impl.word_corrections(vocabulary_id int, typed text, before text, behind text)
RETURNS TABLE (word text, how text, n int, score float8, sure boolean)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 5
SET search_path = pg_catalog, pg_temp
AS $$
    WITH whole AS MATERIALIZED (
        SELECT CASE WHEN typed ~ '[가-힣ㄱ-ㅣ]' THEN typed ELSE impl.fold_text(typed) END COLLATE "C" AS word
    ),
    pair AS MATERIALIZED (
        SELECT p.* FROM whole AS w JOIN core.word_pair AS p
        ON p.vocabulary_id = word_corrections.vocabulary_id AND p.joined = w.word
    ),
    form AS MATERIALIZED (  -- none of two words that are only written together
        SELECT w.word AS stem, '' AS rest FROM whole AS w WHERE NOT EXISTS (SELECT FROM pair)
        UNION ALL
        SELECT left(w.word, at), substr(w.word, at + 1)
        FROM whole AS w CROSS JOIN generate_series(2, length(w.word) - 1) AS at
        WHERE NOT EXISTS (SELECT FROM pair) AND w.word ~ '^[가-힣]+$'
          AND impl.is_particle(substr(w.word, at + 1))
    ),
    candidate AS MATERIALIZED (
        SELECT c.word || f.rest AS word, 'typing' AS how, c.n,
               4.0 * c.edits + CASE f.rest WHEN '' THEN 0 ELSE 2 END
               + CASE left(c.word, 1) WHEN left(f.stem, 1) THEN 0 ELSE 1 END AS cost
        FROM form AS f CROSS JOIN LATERAL impl.near_words(word_corrections.vocabulary_id, f.stem) AS c
        -- Cooler is no slip for cooled.
        WHERE left(c.word, -2) <> left(f.stem, -2) OR NOT (f.stem ~ '(?:er|ed|es|or|al|ly|ic|ng|on)$'
                                                           AND c.word ~ '(?:er|ed|es|or|al|ly|ic|ng|on)$')
        UNION ALL
        SELECT k.word, 'keyboard', w.n, 1
        FROM (SELECT impl.other_keyboard(
                         CASE typed WHEN upper(typed) THEN lower(typed) ELSE typed END) AS word
              OFFSET 0) AS k
        JOIN core.word AS w ON w.vocabulary_id = word_corrections.vocabulary_id AND w.word = k.word
        UNION ALL
        SELECT left(w.word, p.first_n) || ' ' || substr(w.word, p.first_n + 1), 'spacing', p.n, 1
        FROM whole AS w CROSS JOIN pair AS p
    )
    SELECT s.word, s.how, s.n, s.score, s.paired OR s.how <> 'typing'
    FROM (
        SELECT DISTINCT ON (c.word) c.word, c.how, c.n, e.paired,
               ln(c.n + 1) - c.cost + CASE WHEN e.paired THEN 3 ELSE 0 END AS score
        FROM candidate AS c
        CROSS JOIN LATERAL (SELECT EXISTS (
                   SELECT FROM core.word_pair AS p WHERE p.vocabulary_id = word_corrections.vocabulary_id
                   AND (p.joined, p.first_n) IN ((before || c.word, length(before)),
                                                 (c.word || behind, length(c.word)))) AS paired OFFSET 0) AS e
        ORDER BY c.word, score DESC
    ) AS s
    ORDER BY s.score DESC, s.word
$$;

COMMENT ON FUNCTION impl.word_corrections(int, text, text, text) IS
    'Candidates for what a mistyped word means, the likeliest first.';
