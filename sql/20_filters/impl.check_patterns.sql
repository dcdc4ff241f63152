-- Rejects a filter whose regular expressions could take minutes to compile or to match. It runs before the
-- filter is parsed: PostgreSQL compiles regular expressions while it parses a jsonpath, and a few nested
-- repetitions take it minutes. Literals are found as the jsonpath parser finds them; a comment could hide
-- one, so comments are rejected.
--   SELECT impl.check_patterns('$.maker like_regex "^S"');
CREATE OR REPLACE FUNCTION impl.check_patterns(filter text)
RETURNS void
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    longest CONSTANT int := 200;
    most CONSTANT int := 8;
    token text;
    before text := '';
    pattern text;
    patterns int := 0;
    trouble text;
BEGIN
    FOR token IN SELECT m[1]
        FROM regexp_matches(filter, E'(\\\\.|"(?:\\\\.|[^"\\\\])*"|/\\*|like_regex)', 'gi') AS m LOOP
        IF token = '/*' THEN
            trouble := 'it has a comment';
        ELSIF token LIKE '"%' AND before = 'like_regex' THEN
            patterns := patterns + 1;
            -- An escape of jsonpath is undone; what it leaves of a double one is a backslash of the pattern.
            pattern := regexp_replace(replace(token, E'\\\\', chr(1)), E'\\\\([^ux])', E'\\1', 'g');
            trouble := CASE
                WHEN patterns > most THEN format('it has more than %s regular expressions', most)
                WHEN length(token) - 2 > longest
                    THEN format('a regular expression has more than %s characters', longest)
                WHEN strpos(pattern, E'\\') > 0
                    THEN 'a regular expression has a character given by its number'
                WHEN pattern ~ (chr(1) || '[1-9]') THEN 'a regular expression refers back to a group'
                WHEN pattern ~ E'\\)\\s*\\{' THEN 'a regular expression repeats a group a number of times'
                WHEN pattern ~ E'\\(\\?[^:=!<]|\\*\\*\\*' THEN 'a regular expression has options in it' END;
        END IF;
        IF trouble IS NOT NULL THEN
            RAISE EXCEPTION 'the filter asks for too much work: %', trouble USING ERRCODE = 'SG002',
                HINT = format('A filter has at most %s regular expressions of %s characters, without back '
                              'references and without {n} after a group.', most, longest);
        END IF;
        before := lower(token);
    END LOOP;
END $$;

COMMENT ON FUNCTION impl.check_patterns(text) IS
    'Raises SG002 for a filter whose regular expressions could take very long.';
