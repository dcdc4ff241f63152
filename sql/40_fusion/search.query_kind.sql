-- What kind of query a text is, by its characters alone:
--   picture     no text: there is a picture, or an item, or nothing
--   identifier  more than half of its letters and digits belong to part or serial numbers
--   formula     LaTeX, or an operator and at least two in five of its visible characters digits and mathematical signs
--   text        anything else
-- Years, dates and quantities are no part numbers where there is another word. search.hybrid takes the active profile of
-- the kind, where the collection has one (eval.profile.query_kind).
--   SELECT search.query_kind('HD1800-S7'), search.query_kind('$x^2 - 3x = 0$'), search.query_kind('진공 펌프 소음');
CREATE OR REPLACE FUNCTION search.query_kind(query text)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE
        WHEN coalesce(btrim(query, E' \t\n\r'), '') = '' THEN 'picture'
        WHEN 2 * n.numbered > n.written THEN 'identifier'
        WHEN query ~ '\$[^$]+\$|\\[a-zA-Z]{2,}|\\[(\[]' OR 5 * n.signs >= 2 * n.visible AND query ~ '[+*/=<>^|×÷±√∑∫≤≥≠≈∞∠△π°]' THEN 'formula'
        ELSE 'text' END
    FROM (
        SELECT length(regexp_replace(query, '\W|_', '', 'g')) AS written, length(regexp_replace(query, '\s', '', 'g')) AS visible,
               length(regexp_replace(query, '[^0-9+*/=<>^|×÷±√∑∫≤≥≠≈∞∠△π°-]', '', 'g')) AS signs,
               -- At least four characters, and not within a formula: blanks or punctuation on both sides.
               (SELECT coalesce(sum(length(w.folded)), 0) FROM (
                    SELECT w.*, count(*) OVER () = 1 AS alone FROM impl.words_of(query_kind.query) AS w) AS w
                WHERE length(w.raw) >= 4 AND strpos(w.raw, '+') = 0
                  AND w.gap ~ '(^|[\s,;:()])$' AND (w.behind = '' OR w.behind ~ '^[\s,;:()?!]')
                  AND (w.class = 'number' OR w.alone AND w.class IS NOT NULL AND w.raw !~ '[ᄀ-ᇿ⺀-鿿가-힣豈-﫿]'
                       OR w.class = 'digits' AND w.folded ~ '^[0-9]{4}')) AS numbered
    ) AS n
$$;

COMMENT ON FUNCTION search.query_kind(text) IS 'identifier, formula, text or picture (no text): the kind by which a profile is chosen.';
