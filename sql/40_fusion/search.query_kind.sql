-- What kind of query a text is, by its characters alone:
--   picture     no text: there is a picture, or an item, or nothing
--   identifier  more than half of its letters and digits belong to part or serial numbers
--   formula     LaTeX, or an operator and at least two in five of its visible characters digits and mathematical signs
--   text        anything else
-- search.hybrid takes the active profile of the kind, where the collection has one (eval.profile.query_kind).
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
               -- A number alone is no identifier, nor is a formula: letters and digits in one word, at least four of them.
               (SELECT coalesce(sum(length(regexp_replace(w.hit[1], '[^0-9A-Za-z]', '', 'g'))), 0)
                FROM regexp_matches(normalize(query, NFKC) COLLATE "C", '(?:^|[\s,;:()])([0-9A-Za-z]+(?:[-._/#][0-9A-Za-z]+)*)(?=$|[\s,;:()?!])', 'g') AS w(hit)
                WHERE w.hit[1] ~ '[0-9]' AND w.hit[1] ~ '[A-Za-z]|[0-9][-._/#]?[0-9]{3}' AND length(w.hit[1]) >= 4) AS numbered
    ) AS n
$$;

COMMENT ON FUNCTION search.query_kind(text) IS 'identifier, formula, text or picture (no text): the kind by which a profile is chosen.';
