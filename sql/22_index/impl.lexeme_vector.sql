-- Lexemes of a forward row as a tsvector without places. Each bears the id of its index, so that a search
-- reads nothing of other collections. No SET: inlined, to match the expression of an index.
--   SELECT impl.lexeme_vector(7, ' vacuum pump ');   -- '7:pump' '7:vacuum'
CREATE OR REPLACE FUNCTION impl.lexeme_vector(index_id int, tokens text)
RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT CASE WHEN tokens = '' THEN ''::tsvector ELSE array_to_tsvector(string_to_array(
        index_id::text || ':' || replace(btrim(replace(tokens, E' \n ', ' '), ' '), ' ',
                                         ' ' || index_id::text || ':'), ' ')) END
$$;

COMMENT ON FUNCTION impl.lexeme_vector(int, text) IS
    'Lexemes of a forward row, each with the id of its index before it.';
