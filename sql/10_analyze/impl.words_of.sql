-- Splits a query into words for the search for part numbers: runs of letters and digits of any script with
-- inner separators, in their order. gap: the text before a word; behind: the text after it; class: see
-- impl.number_class; eastern: the word has Hangul, Han or kana in it.
--   SELECT * FROM impl.words_of('펌프 NRY-1KH 1000 시간');
CREATE OR REPLACE FUNCTION impl.words_of(query text)
RETURNS TABLE (word_no int, gap text, raw text, folded text, eastern boolean, class text, behind text)
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 10
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT w.no::int, w.gap, w.raw, impl.fold_identifier(w.raw), w.raw ~ '[ᄀ-ᇿ⺀-鿿가-힣豈-﫿]',
           impl.number_class(w.raw, w.behind), w.behind
    FROM (
        SELECT r.no, r.hit[1] AS gap, r.hit[2] AS raw,
               lead(r.hit[1] || r.hit[2], 1, '') OVER (ORDER BY r.no) AS behind
        FROM regexp_matches(
            -- Few combining marks at a time: normalize takes the square of their number.
            normalize(regexp_replace(impl.visible(query) COLLATE "C", E'([\u0300-\u036F]{5})[\u0300-\u036F]+',
                                     E'\\1', 'g'),
                      NFKC) COLLATE "C",
            '([^' || impl.letters() || ']*)((?:[-._/#+]?[' || impl.letters() || '])+)',
            'g') WITH ORDINALITY AS r(hit, no)
    ) AS w
$$;

COMMENT ON FUNCTION impl.words_of(text) IS 'Words of a query for the search for part numbers.';
