-- The text by which a part of a term (impl.term_parts) is found among tokens with spaces around each: of
-- tokens themselves, of a prefix (sea*) its beginning. No token has an asterisk. No SET: inlined into the
-- calling statement.
--   SELECT impl.needle('seal'), impl.needle('sea*');   -- ' seal ', ' sea'
CREATE OR REPLACE FUNCTION impl.needle(term text)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT CASE WHEN term LIKE '%*' THEN ' ' || left(term, -1) ELSE ' ' || term || ' ' END $$;

COMMENT ON FUNCTION impl.needle(text) IS 'Text by which a term is found among tokens.';
