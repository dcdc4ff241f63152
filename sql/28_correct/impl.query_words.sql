-- Pieces of a query in order, for its correction: the text before each (`gap`), itself (`raw`), folded, and
-- its script where it may be corrected: `hangul` (single letters of it too) or `latin`. Other scripts, and
-- whole words with digits or inner signs (part numbers, citations, quantities, addresses), have no script and
-- stay as typed; so do Latin abbreviations (up to four capitals) and shapes (ㄷ자형).
--   SELECT * FROM impl.query_words('vacum 펑프 HD1800-S7');
CREATE OR REPLACE FUNCTION impl.query_words(query text)
RETURNS TABLE (piece_no int, gap text, raw text, word text, script text)
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 10
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT (row_number() OVER (ORDER BY w.no, p.no))::int,
           CASE p.no WHEN 1 THEN w.hit[1] ELSE '' END, p.hit[1],
           -- NFKC would make conjoining letters of those that stand alone.
           CASE WHEN p.hit[1] ~ '[가-힣ㄱ-ㅣ]' THEN p.hit[1] ELSE impl.fold_text(p.hit[1]) END,
           CASE WHEN w.hit[2] ~ E'[0-9\uFF10-\uFF19+#._/]|^[ㄱ-ㅣ]자' THEN NULL
                WHEN p.hit[1] ~ '^[가-힣ㄱ-ㅣ]+$' THEN 'hangul'
                WHEN p.hit[1] ~ E'^[A-Za-z\u00C0-\u024F]+$' AND p.hit[1] !~ '^[A-Z]{2,4}$' THEN 'latin' END
    FROM regexp_matches(normalize(impl.visible(query_words.query), NFC) COLLATE "C",
        E'([^\uFF10-\uFF19' || impl.letters()
            || E']*)((?:[-._/#+]?[\uFF10-\uFF19' || impl.letters() || '])+)',
        'g') WITH ORDINALITY AS w(hit, no)
    CROSS JOIN LATERAL regexp_matches(w.hit[2] COLLATE "C",
        E'([가-힣ㄱ-ㅣ]+|[A-Za-z\u00C0-\u024F]+|[^A-Za-z\u00C0-\u024F가-힣ㄱ-ㅣ]+)', 'g')
        WITH ORDINALITY AS p(hit, no)
$$;

COMMENT ON FUNCTION impl.query_words(text) IS
    'Pieces of a query in order, with the script of those that may be corrected.';
