-- Frequency of a prefix (sea*) in the spaced tokens of a document: the tokens that begin so, each counted
-- by the weight of its field.
--   SELECT impl.prefix_frequency(' seal  seat ' || E'\n' || ' sea ', '{3,1}', 'sea*');   -- 7
CREATE OR REPLACE FUNCTION impl.prefix_frequency(spaced text, weights float8[], prefix text)
RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT sum(coalesce(weights[l.line], 1) * impl.occurrences(l.line_tokens, impl.needle(prefix)))
    FROM string_to_table(spaced, E'\n') WITH ORDINALITY AS l(line_tokens, line)
$$;

COMMENT ON FUNCTION impl.prefix_frequency(text, float8[], text) IS
    'Frequency of a prefix in the tokens of a document.';
