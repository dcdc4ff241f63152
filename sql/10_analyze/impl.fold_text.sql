-- Normalises a text for the lexical index: invisible characters removed (impl.visible), NFKC (full-width
-- forms, decomposed Hangul, ligatures), lower case, LaTeX layout commands removed (their arguments stay).
-- NFKC makes digits of fractions, powers, indexes and circled numbers: a space keeps them apart from digits
-- beside them (1½ is 1 1⁄2, 10² is 10 2; m² is m2). The minus sign becomes a hyphen. In long texts, runs of
-- more than 30 combining marks are cut: the time of PostgreSQL's normalize grows with the square of their
-- length.
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
    folded text := raw;
BEGIN
    IF octet_length(folded) > length(folded) THEN
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
    IF position(chr(92) IN folded) > 0 THEN
        folded := regexp_replace(folded,
            E'\\\\(left|right|big|bigg|Big|Bigg|mathrm|mathbf|mathit|mathsf|boldsymbol'
            '|text|textbf|textrm|displaystyle|textstyle|quad|qquad|begin|end'
            '|hline|limits|nolimits|rm|bf)(?![A-Za-z])',
            ' ', 'g');
    END IF;
    RETURN lower(folded);
END $$;

COMMENT ON FUNCTION impl.fold_text(text) IS
    'Normalises a text: invisible characters and LaTeX layout commands removed, NFKC, lower case.';
