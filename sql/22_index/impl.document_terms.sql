-- Terms of a forward row with their frequency: the number of occurrences, each counted by the weight of its
-- field. No SET: inlined into the calling statement.
--   SELECT t.* FROM impl.document_terms(' vacuum pump ' || E'\n' || ' pump ', '{3,1}') AS t;   -- pump 4
CREATE OR REPLACE FUNCTION impl.document_terms(tokens text, weights float8[])
RETURNS TABLE (lexeme text, tf real)
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 50
AS $$
    SELECT t.lexeme COLLATE "C",
           (CASE WHEN weights IS NULL THEN count(*) ELSE sum(weights[l.line]) END)::real
    FROM string_to_table(tokens, E'\n') WITH ORDINALITY AS l(line_tokens, line)
    CROSS JOIN LATERAL string_to_table(btrim(l.line_tokens, ' '), ' ') AS t(lexeme)
    GROUP BY t.lexeme COLLATE "C"
$$;

COMMENT ON FUNCTION impl.document_terms(text, float8[]) IS 'Terms of a forward row with their frequency.';
