-- Number of query terms up to which looking for each in the tokens of a document is faster than one walk
-- along them, on the machine of docs/benchmarks.md. No SET: a constant, inlined.
--   SELECT impl.few_terms();
CREATE OR REPLACE FUNCTION impl.few_terms()
RETURNS int
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT 40 $$;

COMMENT ON FUNCTION impl.few_terms() IS 'Number of query terms up to which each is searched for by itself.';
