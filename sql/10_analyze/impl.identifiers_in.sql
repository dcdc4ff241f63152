-- The parts of a query that may be part or serial numbers, folded: words of Latin letters and digits with
-- inner separators, alone and two or three neighbours together ("TMP 3403 LMC"); at least four characters of
-- which one is a digit.
--   SELECT * FROM impl.identifiers_in('펌프 NRY-1KH 000 실링');
CREATE OR REPLACE FUNCTION impl.identifiers_in(query text)
RETURNS TABLE (raw text, normalized text)
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 2
SET search_path = pg_catalog, pg_temp
AS $$
    WITH word AS (
        SELECT hit[1] AS raw, at
        FROM regexp_matches(normalize(impl.visible(query), NFKC) COLLATE "C", '[0-9A-Za-z](?:[0-9A-Za-z]|[-._/#+][0-9A-Za-z])*', 'g')
             WITH ORDINALITY AS w(hit, at)
    ),
    span AS (
        SELECT string_agg(w.raw, ' ' ORDER BY w.at) AS raw, string_agg(impl.fold_identifier(w.raw), '' ORDER BY w.at) AS normalized
        FROM word AS s CROSS JOIN generate_series(1, 3) AS size(n) JOIN word AS w ON w.at >= s.at AND w.at < s.at + size.n
        GROUP BY s.at, size.n
    )
    SELECT min(raw), normalized FROM span
    WHERE raw ~ '[0-9]' AND length(normalized) BETWEEN 4 AND 64
    GROUP BY normalized
$$;

COMMENT ON FUNCTION impl.identifiers_in(text) IS 'Part-number candidates of a query, raw and folded.';
