-- Condition on impl.lexeme_vector: any of some lexemes.
--   SELECT impl.lexeme_query(7, ARRAY['pump', 'seal']);   -- '7:pump' | '7:seal'
CREATE OR REPLACE FUNCTION impl.lexeme_query(index_id int, lexemes text[])
RETURNS tsquery
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT string_agg(quote_literal(index_id::text || ':' || l), ' | ')::tsquery FROM unnest(lexemes) AS l
$$;

COMMENT ON FUNCTION impl.lexeme_query(int, text[]) IS 'Condition on a lexeme vector: any of some lexemes.';
