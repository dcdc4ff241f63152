-- Tokens of a run that is no plain word, see search.analyze: as it is where it ends in a sign (c++), without
-- signs and commas, and, unless the analyzer is simple, its stretches of letters (stemmed) and of digits,
-- each with points between digits and without: 3.5mm -> 3.5mm, 3.5, 3, 5, mm. No SET: called for each such
-- run, and SET would cost a tenth.
--   SELECT impl.code_tokens('nry1kh000', 'english');   -- {nry1kh000,nri,1,kh,000}
CREATE OR REPLACE FUNCTION impl.code_tokens(run text, analyzer text)
RETURNS text[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
    word CONSTANT text := translate(run, ',+#', '');
    signed CONSTANT text[] := CASE WHEN right(run, 1) IN ('+', '#') THEN ARRAY[run] ELSE '{}' END;
BEGIN
    IF analyzer = 'simple' THEN
        RETURN signed || word;
    ELSIF word COLLATE "C" ~ '^[a-z]+$' THEN
        RETURN signed || ts_lexize('english_stem', word);
    ELSIF word COLLATE "C" !~ '[0-9]' OR word COLLATE "C" !~ '[^0-9]' THEN
        RETURN signed || word;
    END IF;
    RETURN signed || word || ARRAY(
        SELECT unnest(
            CASE WHEN p.hit[1] = word THEN '{}'
                 ELSE ARRAY[coalesce((ts_lexize('english_stem', p.hit[1]))[1], p.hit[1])] END
            || CASE WHEN position('.' IN p.hit[1]) > 0 THEN string_to_array(p.hit[1], '.') END)
        FROM regexp_matches(word COLLATE "C", '[0-9.]+|[^0-9.]+', 'g') AS p(hit));
END $$;

COMMENT ON FUNCTION impl.code_tokens(text, text) IS
    'Tokens of a run with digits, points, commas or signs in it: the whole, and its parts.';
