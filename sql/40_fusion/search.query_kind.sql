-- Classifies a query text by its characters alone:
--   picture     no text: there is a picture, or an item, or nothing
--   identifier  more than half of its letters and digits belong to part or serial numbers
--   formula     LaTeX, or an operator and at least two in five of its visible characters digits and
--               mathematical signs
--   text        anything else
-- Years, dates and quantities are no part numbers where there is another word. search.hybrid takes the active
-- profile of the kind, where the collection has one (eval.profile.query_kind).
--   SELECT search.query_kind('HD1800-S7'), search.query_kind('$x^2 - 3x = 0$'),
--       search.query_kind('진공 펌프 소음');
CREATE OR REPLACE FUNCTION search.query_kind(query text)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
SET standard_conforming_strings = on
AS $$
    SELECT CASE
        WHEN coalesce(btrim(query, E' \t\n\r'), '') = '' THEN 'picture'
        WHEN 2 * n.numbered > n.written THEN 'identifier'
        WHEN query ~ '\$[^$]+\$|\\[a-zA-Z]{2,}|\\[(\[]'
            OR 5 * n.signs >= 2 * n.visible AND query ~ '[+*/=<>^|×÷±√∑∫≤≥≠≈∞∠△π°]' THEN 'formula'
        ELSE 'text' END
    FROM (
        -- Ranges instead of \W and \s, as in search.analyze: what a letter is must not depend on the locale
        -- of the database.
        SELECT length(regexp_replace(query COLLATE "C",
                   '[\u0001-/:-@[-`{-\u00A9\u00AB-\u00B4\u00B6-\u00B9\u00BB-\u00BF'
                   '\u00D7\u00F7\u2000-\u2BFF\u2E00-\u2E7F\u3000-\u3004\u3006-\u3020\u3030-\u303F'
                   '\uE000-\uF8FF\uFE00-\uFE6F\uFEFF-\uFF0F\uFF1A-\uFF20'
                   '\uFF3B-\uFF40\uFF5B-\uFF65\U0001F000-\U0001FAFF]', '', 'g')) AS written,
               length(regexp_replace(query COLLATE "C",
                   '[\u0001- \u00A0\u1680\u2000-\u200F\u2028-\u202F\u205F-\u2064\u3000\uFEFF]',
                   '', 'g')) AS visible,
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

COMMENT ON FUNCTION search.query_kind(text) IS
    'Kind of a query text, by which a profile is chosen: identifier, formula, text or picture (no text).';
