-- Where an item answers a query: per field with a match, its best passage of about so many words, the matching
-- words marked. A word is what stands between spaces; it matches when it shares a token with the query, so in
-- Korean the whole word a bigram came from is marked. With html, the text is escaped before it is marked.
-- Fields with most hits first, then by name.
--   SELECT * FROM search.highlight('parts', '진공 펌프', (SELECT item_id FROM search.lexical('parts', '진공 펌프', 1)));
CREATE OR REPLACE FUNCTION search.highlight(
    collection text, query text, item_id bigint, word_n int DEFAULT 30,
    start_mark text DEFAULT '<mark>', stop_mark text DEFAULT '</mark>', html boolean DEFAULT false)
RETURNS TABLE (field text, snippet text, hits int)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 3
SET search_path = pg_catalog, pg_temp
SET standard_conforming_strings = on
AS $$
#variable_conflict use_column
DECLARE
    x core.lexical_index := impl.live_index(collection);
    wanted text[] := search.analyze(x.analyzer, query);
BEGIN
    PERFORM impl.at_least('word_n', word_n, 1);
    RETURN QUERY
    WITH word AS MATERIALIZED (
        SELECT t.key AS field, w.at, w.word, search.analyze(x.analyzer, w.word) && wanted AS hit
        FROM core.item AS i
        CROSS JOIN LATERAL jsonb_each_text(i.fields || i.picture_fields) AS t
        CROSS JOIN LATERAL regexp_split_to_table(t.value COLLATE "C", '[\s\u0085\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000]+') WITH ORDINALITY AS w(word, at)
        WHERE i.id = highlight.item_id AND i.collection_id = x.collection_id AND w.word <> ''
    ),
    passage AS (
        -- The first passage with most hits; it begins a few words before its first hit.
        SELECT DISTINCT ON (w.field) w.field, greatest(w.at - word_n / 5, 1) AS first, w.ahead
        FROM (
            SELECT word.*, count(*) FILTER (WHERE word.hit) OVER (PARTITION BY word.field ORDER BY word.at
                       RANGE BETWEEN CURRENT ROW AND (word_n - 1 - word_n / 5) FOLLOWING) AS ahead
            FROM word
        ) AS w
        WHERE w.hit
        ORDER BY w.field, w.ahead DESC, w.at
    )
    SELECT p.field,
           CASE WHEN p.first > 1 THEN '… ' ELSE '' END
           || string_agg(CASE WHEN w.hit THEN start_mark || s.shown || stop_mark ELSE s.shown END, ' ' ORDER BY w.at)
           || CASE WHEN max(w.at) < (SELECT max(o.at) FROM word AS o WHERE o.field = p.field) THEN ' …' ELSE '' END,
           (SELECT count(*)::int FROM word AS o WHERE o.field = p.field AND o.hit) AS hits
    FROM passage AS p
    JOIN word AS w ON w.field = p.field AND w.at >= p.first AND w.at < p.first + word_n
    CROSS JOIN LATERAL (
        SELECT CASE WHEN html THEN replace(replace(replace(replace(w.word, '&', '&amp;'), '<', '&lt;'), '>', '&gt;'), '"', '&quot;') ELSE w.word END AS shown
    ) AS s
    GROUP BY p.field, p.first
    ORDER BY hits DESC, p.field;
END $$;

COMMENT ON FUNCTION search.highlight(text, text, bigint, int, text, text, boolean) IS
    'Best passage per matching field of an item, the words that match the query marked; works for Korean.';
