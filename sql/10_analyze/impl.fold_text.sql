-- One spelling for texts that read alike: NFKC (full-width forms, decomposed Hangul, ligatures), lower case,
-- and LaTeX commands that only say how a formula looks taken out (their arguments stay). Runs of more than 30
-- combining marks are cut in long texts: PostgreSQL's normalize takes the square of their length.
--   SELECT impl.fold_text('ＡＢＣ \left( \mathrm{km} \right)');
CREATE OR REPLACE FUNCTION impl.fold_text(raw text)
RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT lower(CASE WHEN position(E'\\' IN f.text) = 0 THEN f.text ELSE regexp_replace(f.text,
        E'\\\\(left|right|big|bigg|Big|Bigg|mathrm|mathbf|mathit|mathsf|boldsymbol|text|textbf|textrm|displaystyle|textstyle|quad|qquad|begin|end|hline|limits|nolimits|rm|bf)(?![A-Za-z])',
        ' ', 'g') END)
    FROM (
        SELECT normalize(CASE WHEN octet_length(raw) < 5000 THEN raw
            ELSE regexp_replace(raw, E'([\u0300-\u036F]{30})[\u0300-\u036F]+', E'\\1', 'g') END, NFKC) AS text
        OFFSET 0
    ) AS f
$$;

COMMENT ON FUNCTION impl.fold_text(text) IS 'NFKC, lower case, LaTeX layout commands removed.';
