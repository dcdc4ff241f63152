-- Normalises a text for the lexical index: invisible characters removed (impl.visible), NFKC (full-width
-- forms, decomposed Hangul, ligatures), lower case, LaTeX as the characters that it draws (impl.read_latex).
-- NFKC makes digits of fractions, powers, indexes and circled numbers: a space keeps them apart from digits
-- beside them (1½ is 1 1⁄2, 10² is 10 2; m² is m2). The minus sign becomes a hyphen. In long texts, runs of
-- more than 30 combining marks are cut: the time of PostgreSQL's normalize grows with the square of their
-- length. A text of characters that all of this leaves alone (ASCII, Hangul, Han, kana, letters of Western
-- Europe and of Greek, common punctuation) is only looked through once.
--   SELECT impl.fold_text('ＡＢＣ 10² \left( \mathrm{km} \right)');
CREATE OR REPLACE FUNCTION impl.fold_text(raw text)
RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    fraction CONSTANT text := E'\u00BC-\u00BE\u2150-\u215F\u2189';
    small CONSTANT text := E'\u00B2\u00B3\u00B9\u2070\u2074-\u2079\u2080-\u2089\u2460-\u2473'
        '\u2488-\u249B\u24EA\u3251-\u325F\u32B1-\u32BF';
    -- Visible, equal to its NFKC, and never composed with a neighbour that is one of these as well.
    inert CONSTANT text := E'\u0001-\u007F\u00B0\u00B1\u00B7\u00C0-\u00FF\u0391-\u03A1'
        '\u03A3-\u03A9\u03B1-\u03C9\u2010\u2012-\u2015\u2018-\u201E\u2022\u2032\u2264\u2265'
        '\u3001-\u3003\u3008-\u3011\u3041-\u3096\u30A1-\u30FA\u30FC\u4E00-\u9FFF\uAC00-\uD7A3';
    folded text := raw COLLATE "C";
BEGIN
    IF octet_length(folded) > length(folded) AND folded COLLATE "C" ~ ('[^' || inert || ']') THEN
        folded := impl.visible(folded);
        IF folded ~ ('[' || fraction || small || ']') THEN
            folded := regexp_replace(folded, '([' || fraction || '])', E' \\1 ', 'g');
            folded := regexp_replace(folded, E'([0-9\uFF10-\uFF19])([' || small || ']+)', E'\\1 \\2 ', 'g');
            folded := regexp_replace(folded, '([' || small || E'])([0-9\uFF10-\uFF19])', E'\\1 \\2', 'g');
        END IF;
        IF octet_length(folded) >= 5000 THEN
            folded := regexp_replace(folded, E'([\u0300-\u036F]{30})[\u0300-\u036F]+', E'\\1', 'g');
        END IF;
        folded := replace(normalize(folded, NFKC), E'\u2212', '-');
    END IF;
    IF octet_length(folded) > length(folded) THEN
        IF position('μ' IN folded) > 0 THEN
            folded := regexp_replace(folded, '(?<![a-zA-Zα-ωΑ-Ω])μ(?=[A-Za-z]{1,3}(?![A-Za-z]))', 'u', 'g');
        END IF;
        IF position('Ω' IN folded) > 0 THEN
            folded := regexp_replace(folded, '([0-9] ?[kMmG]?)Ω(?![a-zA-Zα-ωΑ-Ω])', E'\\1ohm', 'g');
        END IF;
    END IF;
    IF position(chr(92) IN folded) > 0
        OR position('$' IN folded) > 0 AND folded COLLATE "C" ~ E'[$][^$\n]*[~`][^$\n]*[$]' THEN
        folded := impl.read_latex(folded);
    END IF;
    RETURN lower(folded);
END $$;

COMMENT ON FUNCTION impl.fold_text(text) IS
    'Normalises a text: invisible characters removed, LaTeX as what it draws, NFKC, lower case.';
