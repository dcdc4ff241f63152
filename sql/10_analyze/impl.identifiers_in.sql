-- The words of a query that may be part numbers: Latin letters and digits with inner separators,
-- at least four characters, at least one digit.
--   SELECT * FROM impl.identifiers_in('펌프 NRY-1KH000 실링');
CREATE OR REPLACE FUNCTION impl.identifiers_in(query text)
RETURNS TABLE (raw text, normalized text)
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 2
AS $$
    SELECT DISTINCT hit[1], impl.fold_identifier(hit[1])
    FROM regexp_matches(normalize(query, NFKC), '[0-9A-Za-z](?:[0-9A-Za-z]|[-._/#+][0-9A-Za-z])*', 'g') AS hit
    WHERE hit[1] ~ '[0-9]' AND length(impl.fold_identifier(hit[1])) >= 4
$$;

COMMENT ON FUNCTION impl.identifiers_in(text) IS 'Part-number candidates of a query, raw and folded.';
