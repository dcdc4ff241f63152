-- Replaces every white-space character of Unicode by a plain space. No SET: inlined into the calling
-- expression.
--   SELECT impl.spaced(E'a\u3000b\nc');   -- a b c
CREATE OR REPLACE FUNCTION impl.spaced(raw text)
RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT translate(raw, E'\t\n\v\f\r\u0085\u00A0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007'
                          '\u2008\u2009\u200A\u2028\u2029\u202F\u205F\u3000', repeat(' ', 24))
$$;

COMMENT ON FUNCTION impl.spaced(text) IS 'A text with plain spaces as its only white space.';
