-- Pieces of a query in order, for its correction: the text before each (`gap`), itself (`raw`), folded, and
-- its script where it may be corrected: `hangul` (single letters of it too) or `latin`. Other scripts, and
-- whole words with digits or inner signs (part numbers, citations, quantities, addresses), have no script and
-- stay as typed; so do Latin abbreviations (up to four capitals).
--   SELECT * FROM impl.query_words('vacum 펑프 HD1800-S7');
CREATE OR REPLACE FUNCTION impl.query_words(query text)
RETURNS TABLE (piece_no int, gap text, raw text, word text, script text)
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 10
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT (row_number() OVER (ORDER BY w.word_no, p.no))::int, CASE p.no WHEN 1 THEN w.gap ELSE '' END,
           -- words_of has made conjoining letters of those that stand alone.
           CASE WHEN p.hit[1] COLLATE "C" ~ E'[\u1100-\u1175]' THEN impl.compose_jamo(impl.split_hangul(p.hit[1]))
                ELSE p.hit[1] END,
           impl.fold_text(p.hit[1]),
           CASE WHEN w.class IS NOT NULL OR w.raw ~ '[+#._/]' THEN NULL
                WHEN p.hit[1] COLLATE "C" ~ E'^[가-힣\u1100-\u1175\u3131-\u3163]+$' THEN 'hangul'
                WHEN p.hit[1] COLLATE "C" ~ E'^[A-Za-z\u00C0-\u024F]+$'
                     AND p.hit[1] COLLATE "C" !~ '^[A-Z]{2,4}$' THEN 'latin' END
    FROM impl.words_of(query_words.query) AS w
    CROSS JOIN LATERAL regexp_matches(w.raw COLLATE "C",
        E'([가-힣\u1100-\u1175\u3131-\u3163]+|[A-Za-z\u00C0-\u024F]+|[^A-Za-z\u00C0-\u024F가-힣\u1100-\u1175\u3131-\u3163]+)',
        'g') WITH ORDINALITY AS p(hit, no)
$$;

COMMENT ON FUNCTION impl.query_words(text) IS
    'Pieces of a query in order, with the script of those that may be corrected.';
