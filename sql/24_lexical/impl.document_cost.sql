-- Cost of scoring a document from its forward row, in postings that could be read instead (0.5 us each on
-- the machine of docs/benchmarks.md; bench/lexical.py shows the effect of a change). For documents of twice
-- the average length, since high scores belong to long ones. No SET: inlined into the calling expression.
--   SELECT impl.document_cost(2, 56);
CREATE OR REPLACE FUNCTION impl.document_cost(term_n int, avg_length float8)
RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT CASE WHEN term_n <= impl.few_terms()
                THEN 5 + 0.02 * avg_length + (1.2 + 0.024 * avg_length) * term_n
                ELSE 20 + 0.6 * avg_length END
$$;

COMMENT ON FUNCTION impl.document_cost(int, float8) IS
    'Cost of scoring a document from its forward row, in postings read.';
