-- Parts of a query term. A plain term is a token, and its own only part. A term with parts counts wherever
-- one of them occurs: E'\x1f' and the weight before each part, which is a token, several in a row (two spaces
-- between), or a prefix (sea*). No token has a control character, a space or an asterisk. No SET: inlined
-- into the calling statement.
--   SELECT * FROM impl.term_parts(E'\x1f1 pump\x1f0.8 진공  펌프');   -- pump 1, 진공  펌프 0.8
CREATE OR REPLACE FUNCTION impl.term_parts(term text)
RETURNS TABLE (tokens text, weight float8)
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 3
AS $$
    SELECT CASE WHEN impl.has_parts(term) THEN substr(p.part, strpos(p.part, ' ') + 1) ELSE p.part END,
           CASE WHEN impl.has_parts(term) THEN split_part(p.part, ' ', 1)::float8 ELSE 1 END
    FROM string_to_table(ltrim(term, E'\x1f'), E'\x1f') AS p(part)
$$;

COMMENT ON FUNCTION impl.term_parts(text) IS 'Parts of a query term, each with its weight.';
