-- Lexical leg: exact BM25F. Score: higher is better; ties by item_id. impl.bm25_top computes the answer.
-- Synonyms count as the words typed (impl.with_synonyms); `terms` are those of them that the item has.
--   SELECT * FROM search.lexical('parts', '진공 펌프', 5, '{"in_stock": true}');
CREATE OR REPLACE FUNCTION search.lexical(
    collection text,
    query text,
    k int DEFAULT 10,
    filter text DEFAULT NULL)
RETURNS TABLE (item_id bigint, rank int, score float8, terms text[])
LANGUAGE sql STABLE PARALLEL SAFE ROWS 10
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT h.item_id, h.at::int AS rank, h.score,
           ARRAY(SELECT DISTINCT q.word COLLATE "C"
                 FROM unnest(t.words) AS w(term) CROSS JOIN LATERAL impl.term_parts(w.term) AS p
                 CROSS JOIN LATERAL (SELECT replace(p.tokens, '  ', ' ') AS word OFFSET 0) AS q
                 WHERE CASE WHEN d.terms IS NULL OR q.word LIKE '% %'
                            THEN strpos(d.tokens, ' ' || q.word || ' ') > 0 ELSE d.terms ? q.word END
                 ORDER BY 1)
    FROM (SELECT WHERE NOT impl.is_spread(impl.named_collection(lexical.collection))) AS here
    CROSS JOIN LATERAL impl.bm25_top(collection, query, k, filter) AS t
    CROSS JOIN LATERAL unnest(t.ids, t.scores) WITH ORDINALITY AS h(item_id, score, at)
    CROSS JOIN LATERAL (
        -- Decompressed once, not once per word.
        SELECT o.tokens || '' AS tokens, o.terms || '{}' AS terms FROM core.document AS o
        WHERE o.item_id = h.item_id AND o.index_id = t.index_id OFFSET 0
    ) AS d
    UNION ALL
    (SELECT (r.row ->> 'item_id')::bigint, r.rank, (r.row ->> 'score')::float8,
            ARRAY(SELECT jsonb_array_elements_text(r.row -> 'terms'))
     FROM (SELECT WHERE impl.is_spread(impl.named_collection(lexical.collection))) AS away
     CROSS JOIN LATERAL impl.shard_rows('lexical', lexical.collection, lexical.query, lexical.k,
         lexical.filter) AS r
     ORDER BY r.rank LIMIT lexical.k)
    ORDER BY rank
$$;

COMMENT ON FUNCTION search.lexical(text, text, int, text) IS
    'Items of a collection ranked by exact BM25F (weights per field), with the query terms they have. Score: '
    'higher is better.';
