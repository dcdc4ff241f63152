-- Number of times that a text is in another, not overlapping. No SET: inlined into the calling statement.
--   SELECT impl.occurrences('  pump  seal  pump  ', ' pump ');   -- 2
CREATE OR REPLACE FUNCTION impl.occurrences(whole text, needle text)
RETURNS int
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT (octet_length(whole) - octet_length(replace(whole, needle, ''))) / octet_length(needle) $$;

COMMENT ON FUNCTION impl.occurrences(text, text) IS 'Number of times that a text is in another.';
