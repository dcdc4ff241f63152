-- Condition on impl.lexeme_vector: any of some lexemes; of those with a space between, all.
--   SELECT impl.lexeme_query(1, ARRAY['pump', 'dry seal']);
CREATE OR REPLACE FUNCTION impl.lexeme_query(index_id int, lexemes text[])
RETURNS tsquery
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT string_agg(CASE WHEN l LIKE '% %' THEN (
               SELECT '(' || string_agg(quote_literal(index_id::text || ':' || t), ' & ') || ')'
               FROM string_to_table(l, ' ') AS t)
           ELSE quote_literal(index_id::text || ':' || l) END, ' | ')::tsquery FROM unnest(lexemes) AS l
$$;

COMMENT ON FUNCTION impl.lexeme_query(int, text[]) IS 'Condition on a lexeme vector: any of some lexemes.';
