-- Rewrites LaTeX as the characters that it draws, so that a formula, what is pasted from a page and what is
-- typed have the same tokens:
--   \frac{1}{2}, \dfrac12       1/2, in blanks, as it would be typed (impl.fold_quantities makes 0.5 of it)
--   \angle ABC, \triangle, \pi  ∠ABC, △, π (impl.latex_symbols)
--   90^\circ, 90^{\circ}        90°
--   \overline{AB}, \vec{a}      AB, a: lines and arrows above letters are drawn, not said
--   0.\dot{3}                   0.3̇, the digit and a combining dot
--   13 ~cm, 13\,cm              13 cm: blanks of formulas
--   \anglex, \leqa              ∠x, ≤a: converters lose the blank; the longest command of four letters or
--                               more, or one of \leq, \geq, \neq, \div, that draws something
--   \begin{array}{lr}           nothing: names and columns of environments
-- Anything else loses its backslash (\sin is sin). Nested fractions are read from the inside, to a depth of
-- 4; braces stay, being no words. Called by impl.fold_text where there is a backslash, or a blank of a
-- formula between dollar signs; all steps are linear in the length of the text. A line break is never read
-- over: texts side by side have the tokens of each.
--   SELECT impl.read_latex('\frac{1}{2} \overline{AB}, \angle ABC = 90^\circ');   -- 1/2  {AB}, ∠ ABC = 90°
CREATE OR REPLACE FUNCTION impl.read_latex(raw text)
RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    depth CONSTANT int := 4;
    command CONSTANT text := E'\\\\([A-Za-z]+|[^A-Za-z\\n\\r])';
    fraction CONSTANT text :=
        E'\\\\[dtc]?frac *(?:\\{([^{}\\n\\\\]*)\\}|([0-9])) *(?:\\{([^{}\\n\\\\]*)\\}|([0-9]))';
    symbols CONSTANT jsonb := impl.latex_symbols();
    result text COLLATE "C" := regexp_replace(raw, ' *[~`] *', ' ', 'g');
    before text COLLATE "C";
BEGIN
    IF strpos(result, chr(92)) = 0 THEN
        RETURN result;
    END IF;
    result := regexp_replace(
        result, E'\\\\(?:begin|end) *\\{[A-Za-z]{1,20}[*]?\\}(?:\\{[lcr| ]{0,20}\\})?', ' ', 'g');
    result := regexp_replace(result, E'\\^ *\\{? *\\\\(?:circ|degree)(?![A-Za-z])(?: *\\})?', '°', 'g');
    result := regexp_replace(
        result, E'\\\\dot *\\{? *([0-9A-Za-z])(?![0-9A-Za-z])(?: *\\})?', E'\\1\u0307', 'g');
    FOR i IN 1..depth LOOP
        before := result;
        -- Braces around braces or one character first: {{10}}, x^{2}.
        result := regexp_replace(result, E'\\{ *\\{([^{}\\n]*)\\} *\\}', E'{\\1}', 'g');
        result := regexp_replace(result, fraction, E' \\1\\2/\\3\\4 ', 'g');
        EXIT WHEN result = before;
    END LOOP;
    SELECT string_agg(p.gap || coalesce(CASE
               WHEN p.name ~ '^[A-Za-z]' THEN coalesce(
                   symbols ->> lower(p.name) || CASE symbols ->> lower(p.name) WHEN '' THEN ' ' ELSE '' END,
                   (SELECT (symbols ->> left(lower(p.name), n)) || ' ' || substr(p.name, n + 1)
                    FROM generate_series(least(length(p.name), 20), 3, -1) AS n
                    WHERE symbols ->> left(lower(p.name), n) <> ''
                      AND (n > 3 OR left(lower(p.name), n) IN ('leq', 'geq', 'neq', 'div')) LIMIT 1),
                   ' ' || p.name)
               WHEN p.name ~ '[$%&#_{}]' THEN p.name
               WHEN p.name = '!' THEN ''
               ELSE ' ' END, ''), '' ORDER BY p.no)
    INTO result
    FROM (
        SELECT g.no, g.gap, m.hit[1] AS name
        FROM regexp_split_to_table(result, command) WITH ORDINALITY AS g(gap, no)
        LEFT JOIN regexp_matches(result, command, 'g') WITH ORDINALITY AS m(hit, no) ON m.no = g.no
    ) AS p;
    RETURN normalize(result, NFC);
END $$;

COMMENT ON FUNCTION impl.read_latex(text) IS
    'A text whose LaTeX is rewritten as the characters that it draws.';
