-- Tests whether the tokens of an item may be too many for a tsvector, which takes 1 MB. Such items are few;
-- they stand in no index of lexemes, and searches read their tokens instead. No SET: inlined into the
-- predicates of indexes.
--   SELECT impl.is_long(' vacuum pump ');
CREATE OR REPLACE FUNCTION impl.is_long(tokens text)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT octet_length(tokens) > 250000 $$;

COMMENT ON FUNCTION impl.is_long(text) IS 'Tests whether tokens may be too many for a tsvector.';
