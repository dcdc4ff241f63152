-- Removes markup from a text before its language is detected: formulas and commands of LaTeX (with their
-- arguments, but those of \text), tags and entities of HTML, web and mail addresses, targets of links. Words
-- between tags stay.
--   SELECT impl.without_markup('<b>진공</b> 펌프 $\frac{a}{b}$, https://example.com/pump');
CREATE OR REPLACE FUNCTION impl.without_markup(words text)
RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    pattern text;
BEGIN
    -- One after the other: alternatives of one expression would take the longest match, from formula to
    -- formula.
    FOREACH pattern IN ARRAY ARRAY[
        '<!--.*?-->', '<(script|style)\M[^>]*?>.*?</\1\s*?>', '</?[a-z][^<>]*>', '&#?[a-z0-9]+;',
        '\\begin\{([a-z]+?\*??)\}.*?\\end\{\1\}', '\$\$.+?\$\$', '\\\(.+?\\\)', '\\\[.+?\\\]',
        '\$(?=\S)[^$]*(?<=\S)\$(?!\d)',
        '\\(?!text|mbox)[a-z]+\s?\{[^{}]*\}(?:\s?\{[^{}]*\})?', '\\[a-z]+',
        '\m[a-z][a-z0-9+.-]*://\S+', '\mwww\.\S+', '\S+@\S+\.\S+', '\]\([^)]*\)'
    ] LOOP
        words := regexp_replace(words, pattern, ' ', 'gi');
    END LOOP;
    RETURN words;
END $$;

COMMENT ON FUNCTION impl.without_markup(text) IS 'A text without LaTeX, HTML and addresses.';
