-- Frequency in the spaced tokens of a document of a term with parts (impl.term_parts): the occurrences of
-- each part, counted by its weight and by the weight of the field.
--   SELECT impl.term_frequency(' seal  seat ' || E'\n' || ' sea ', '{3,1}', E'\x1f1 sea*');   -- 7
CREATE OR REPLACE FUNCTION impl.term_frequency(spaced text, weights float8[], term text)
RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT sum(coalesce(weights[l.line], 1) * p.weight
               * impl.occurrences(l.line_tokens, impl.needle(p.tokens)))
    FROM string_to_table(spaced, E'\n') WITH ORDINALITY AS l(line_tokens, line)
    CROSS JOIN impl.term_parts(term_frequency.term) AS p
$$;

COMMENT ON FUNCTION impl.term_frequency(text, float8[], text) IS
    'Frequency of a term with parts in the tokens of a document.';
