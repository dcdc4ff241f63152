-- Words of a query, and the words of an item that they met, by field: each of the first 20 words asks alone,
-- as search.highlight marks it (synonyms included). matched: the first of them; hits: how many there are. A
-- word that met nothing has one row without a field. In the order of the query, most hits first, then by
-- field.
--   SELECT word, field, matched, hits FROM search.met_words('parts', '진공 펌프', 1);
CREATE OR REPLACE FUNCTION search.met_words(collection text, query text, item_id bigint)
RETURNS TABLE (no int, word text, field text, matched text, hits int)
LANGUAGE sql STABLE ROWS 10
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT w.at::int, w.word, h.field, split_part(split_part(h.snippet, chr(2), 2), chr(3), 1), h.hits
    FROM (SELECT s.word, s.at FROM impl.shown_words(met_words.query) AS s ORDER BY s.at LIMIT 20) AS w
    LEFT JOIN LATERAL search.highlight(met_words.collection, w.word, met_words.item_id, 1, chr(2), chr(3))
        AS h ON true
    ORDER BY w.at, h.hits DESC, h.field
$$;

COMMENT ON FUNCTION search.met_words(text, text, bigint) IS
    'Words of a query, and the words of an item that they met, by field.';
