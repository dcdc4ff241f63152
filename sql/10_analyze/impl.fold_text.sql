-- One spelling for texts that read alike: NFKC (full-width forms, decomposed Hangul, ligatures), lower case,
-- and LaTeX commands that only say how a formula looks taken out (their arguments stay).
--   SELECT impl.fold_text('ＡＢＣ \left( \mathrm{km} \right)');
CREATE OR REPLACE FUNCTION impl.fold_text(raw text)
RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT lower(CASE WHEN position('\' IN normalize(raw, NFKC)) = 0 THEN normalize(raw, NFKC) ELSE regexp_replace(
        normalize(raw, NFKC),
        '\\(left|right|big|bigg|Big|Bigg|mathrm|mathbf|mathit|mathsf|boldsymbol|text|textbf|textrm|displaystyle|textstyle|quad|qquad|begin|end|hline|limits|nolimits|rm|bf)(?![A-Za-z])',
        ' ', 'g') END)
$$;

COMMENT ON FUNCTION impl.fold_text(text) IS 'NFKC, lower case, LaTeX layout commands removed.';
