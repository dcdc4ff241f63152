-- Extracts the candidates for part and serial numbers from a query, folded: its words, alone and two or three
-- neighbours together ("TMP 3403 LMC", not across a comma, semicolon or line break), of at least four
-- characters with at least one digit. A word is also tried without the Hangul, Han and kana around it, and in
-- the pieces between them. `how` says how to search for a candidate:
--   near   equal, with typing errors, and as a prefix
--   equal  equal only: digits among other words, words joined with a quantity, or Hangul other than a plate
--   bare   equal only, and worth little: years, dates, and up to five digits, in a text; a year with 년 and a
--          quantity with its unit (500 mm) are no candidates beside other words
-- word_no and word_n: its first word, and the number of words. A repeated candidate is listed once.
--   SELECT * FROM impl.identifiers_in('펌프 NRY-1KH 000 실링');
CREATE OR REPLACE FUNCTION impl.identifiers_in(query text)
RETURNS TABLE (raw text, normalized text, word_no int, word_n int, how text)
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 2
SET search_path = pg_catalog, pg_temp
AS $$
    WITH run AS MATERIALIZED (
        -- A word and the two behind it. Not a join of the words with themselves, whose cost is their square.
        SELECT w.word_no, w.behind, count(*) OVER () AS words,
               array_agg(w.gap) OVER o AS gaps, array_agg(w.raw) OVER o AS raws,
               array_agg(w.folded) OVER o AS folds,
               array_agg(w.eastern) OVER o AS easterns, array_agg(w.class) OVER o AS classes
        FROM impl.words_of(identifiers_in.query) AS w
        WINDOW o AS (ORDER BY w.word_no ROWS BETWEEN CURRENT ROW AND 2 FOLLOWING)
    ),
    span AS MATERIALIZED (
        SELECT r.word_no, n, r.words,
               concat(r.raws[1], CASE WHEN n > 1 THEN r.gaps[2] || r.raws[2] END,
                      CASE WHEN n > 2 THEN r.gaps[3] || r.raws[3] END) AS raw,
               array_to_string(r.folds[:n], '') AS folded, true = ANY (r.easterns[:n]) AS eastern,
               'quantity' = ANY (r.classes[:n]) AS counted, CASE n WHEN 1 THEN r.behind ELSE '' END AS behind,
               r.classes[1] AS class, r.raws[1] AS first, r.raws[n] AS last
        FROM run AS r CROSS JOIN generate_series(1, cardinality(r.raws)) AS n
        WHERE num_nonnulls(VARIADIC r.classes[:n]) > 0 AND array_to_string(r.gaps[2:n], '') !~ E'[,;\n]'
    ),
    form AS (
        SELECT s.*, CASE WHEN n = 1 THEN s.class WHEN s.counted OR s.eastern THEN 'quantity'
                         ELSE impl.number_class(impl.plain_identifier(s.raw), '') END AS told
        FROM span AS s
        WHERE n = 1 OR NOT s.eastern OR s.raw !~ '[ᄀ-ᇿ⺀-鿿가-힣豈-﫿]{3}' AND s.folded ~ '[0-9A-Z]{3}'
        UNION ALL
        SELECT s.word_no, n, s.words, c.core, impl.fold_identifier(c.core), s.eastern, s.counted,
               substr(s.raw, strpos(s.raw, c.core) + length(c.core)) || s.behind,
               s.class, s.first, s.last,
               CASE WHEN n > 1 AND (s.counted OR c.core ~ '[ᄀ-ᇿ⺀-鿿가-힣豈-﫿]') THEN 'quantity'
                    ELSE impl.number_class(CASE n WHEN 1 THEN c.core ELSE impl.plain_identifier(c.core) END,
                                           substr(s.raw, strpos(s.raw, c.core) + length(c.core))
                                               || s.behind) END
        FROM span AS s CROSS JOIN impl.identifier_core(s.raw) AS c(core)
        WHERE s.eastern AND c.core <> s.raw AND (n = 1 OR c.core !~ '[ᄀ-ᇿ⺀-鿿가-힣豈-﫿]{3}'
              AND impl.identifier_core(s.first) IS NOT NULL AND impl.identifier_core(s.last) IS NOT NULL)
        UNION ALL
        SELECT s.word_no, n, s.words, p.piece, impl.fold_identifier(p.piece), false, false, '', s.class,
               s.first, s.last, 'number'
        FROM span AS s
        CROSS JOIN regexp_split_to_table(s.raw, '[-ᄀ-ᇿ⺀-鿿가-힣豈-﫿]*[ᄀ-ᇿ⺀-鿿가-힣豈-﫿]+[-]*') AS p(piece)
        WHERE s.eastern AND n = 1 AND p.piece ~ '[A-Za-z]' AND impl.number_class(p.piece, '') = 'number'
    )
    SELECT DISTINCT ON (f.folded) f.raw, f.folded, f.word_no, f.n, h.how
    FROM form AS f
    CROSS JOIN LATERAL (SELECT CASE
        WHEN f.words = 1 AND f.told IS NOT NULL OR f.told = 'number' THEN 'near'
        WHEN f.told = 'quantity' AND NOT f.eastern
             AND impl.number_class(impl.plain_identifier(f.raw), '') = 'quantity' THEN 'bare'
        WHEN f.n > 1 OR f.told = 'quantity' AND f.raw ~ '[ᄀ-ᇿ⺀-鿿가-힣豈-﫿]' THEN 'equal'
        -- A sub-select: the kind is looked for once, and only where there are such digits.
        WHEN f.told = 'digits' AND (SELECT search.query_kind(identifiers_in.query)) = 'identifier'
            THEN 'equal'
        WHEN f.told = 'digits' AND length(f.folded) >= 6 THEN 'near'
        ELSE 'bare' END) AS h(how)
    WHERE length(f.folded) BETWEEN 4 AND 100 AND f.told IS NOT NULL
      -- Measured or counted, beside other words.
      AND NOT (h.how = 'bare' AND f.told = 'quantity' AND f.n < f.words
               AND (f.folded ~ '[A-Z]' OR impl.number_class(f.raw, '') = 'digits' OR f.behind ~ '^ *[년월일]'))
    ORDER BY f.folded, h.how = 'near' DESC, h.how = 'equal' DESC, f.word_no, f.n
$$;

COMMENT ON FUNCTION impl.identifiers_in(text) IS
    'Candidates for part and serial numbers in a query, raw and folded, and how to search for each.';
