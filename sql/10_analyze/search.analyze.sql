-- The tokens the lexical index sees, in order, for documents and queries alike.
--   simple   runs of letters and digits
--   english  the same, Latin words stemmed (Snowball), stop words dropped
--   korean   Hangul runs -> character bigrams (a single syllable stays), Latin words stemmed, the rest as simple
--   SELECT search.analyze('korean', '진공 펌프 seals NRY1KH000');
CREATE OR REPLACE FUNCTION search.analyze(analyzer text, raw text)
RETURNS text[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    tokens text[];
BEGIN
    IF analyzer NOT IN ('simple', 'english', 'korean') THEN
        RAISE EXCEPTION 'unknown analyzer: %', analyzer
            USING ERRCODE = 'SG004', HINT = 'The analyzers are simple, english and korean.';
    END IF;
    WITH run AS (
        SELECT hit[1] AS word, at
        FROM regexp_matches(impl.fold_text(raw), '[가-힣]+|[a-z0-9]+|[^\s[:punct:]a-z0-9가-힣]+', 'g')
             WITH ORDINALITY AS r(hit, at)
    )
    SELECT coalesce(array_agg(token ORDER BY at, part), '{}') INTO tokens
    FROM run
    CROSS JOIN LATERAL (
        SELECT word AS token, 0 AS part
        WHERE analyzer = 'simple' OR word !~ '^[a-z가-힣]' OR (word ~ '^[가-힣]' AND (analyzer = 'english' OR length(word) = 1))
        UNION ALL
        SELECT stem, 0 FROM unnest(ts_lexize('english_stem', word)) AS stem
        WHERE analyzer <> 'simple' AND word ~ '^[a-z]'
        UNION ALL
        SELECT substr(word, i, 2), i FROM generate_series(1, length(word) - 1) AS i
        WHERE analyzer = 'korean' AND word ~ '^[가-힣]'
    ) AS piece;
    RETURN tokens;
END $$;

COMMENT ON FUNCTION search.analyze(text, text) IS
    'Tokens of a text under an analyzer (simple, english, korean): what the lexical index stores and what a query asks for.';
